import { expect, it } from 'vitest'
import type { About } from '../../src/core/rules.ts'
import { fitsAbout, knownOf, type Subject } from '../../src/policy/about.ts'
import { deed } from './guardrails.ts'

const fits = (about: About, subject: Subject) => fitsAbout(about)(knownOf(subject))

it.each<[string, About, boolean]>([
  ['nothing', {}, true],
  ['its provider', { providers: ['aws', 'kubernetes'] }, true],
  ['another provider', { providers: ['aws'] }, false],
  ['its instance', { instances: ['kubernetes/gpu'] }, true],
  ['another instance', { instances: ['kubernetes/lab'] }, false],
  ['its environment', { environments: ['production'] }, true],
  ['another environment', { environments: ['lab'] }, false],
  ['its effect', { effects: ['reversible'] }, true],
  ['another effect', { effects: ['irreversible'] }, false],
  ['its action', { actions: ['aws.*', 'KUBERNETES.sc?le'] }, true],
  ['another action', { actions: ['kubernetes.cordon'] }, false],
  ['its playbook', { playbooks: ['Compromised-*'] }, true],
  ['another playbook', { playbooks: ['leaked-*'] }, false],
  ['its route', { routes: ['falco'] }, true],
  ['another route', { routes: ['leaks'] }, false],
  ['why it is', { because: ['compromise'] }, true],
  ['why it is not', { because: ['leak'] }, false],
  ['its severity', { severities: ['high'] }, true],
  ['another severity', { severities: ['low'] }, false],
  ['all of it', { providers: ['kubernetes'], environments: ['production'], effects: ['reversible'] }, true],
  ['all but one of it', { providers: ['kubernetes'], environments: ['production'], routes: ['x'] }, false],
])('a guardrail that names %s is about an effect: %j %s', (_, about, expected) => {
  expect(fits(about, deed())).toBe(expected)
})

it.each<[string, About, boolean]>([
  ['its severity', { severities: ['low'] }, true],
  ['its action', { actions: ['aws.*'] }, true],
  ['its playbook', { playbooks: ['x'] }, true],
  ['its effect', { effects: ['irreversible'] }, true],
  ['its provider', { providers: ['aws'] }, true],
  ['its instance', { instances: ['aws/main'] }, true],
  ['why it is', { because: ['leak'] }, true],
  // These two are answers: it is in none, and none began it.
  ['its environment', { environments: ['production'] }, false],
  ['its route', { routes: ['falco'] }, false],
])('where nobody knows %s, it holds in doubt: %j %s', (_, about, expected) => {
  expect(fits(about, {})).toBe(expected)
})
