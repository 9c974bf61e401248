import { expect, test } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import type { Change } from '../../src/core/change.ts'
import { inverse } from '../../src/core/change.ts'
import type { RunState } from '../../src/core/run.ts'
import { lineDigest } from '../../src/engine/line.ts'

const run = { requested: { playbook: { digest: 'sha256:0' }, inputs: {} } } as unknown as RunState
const line = { run, instance: 'stop', action: actions['kubernetes.scale'], using: 'production' }
const change: Change = {
  target: { kind: 'Deployment', id: 'uid', name: 'models/llm' },
  before: { replicas: 3 },
  after: { replicas: 0 },
  confidence: 'verified',
  output: {},
}
const undo = inverse('kubernetes.scale', {})
const digest = (more: Partial<Change>) => lineDigest(line, { ...change, ...more }, undo)

test.each<[string, Partial<Change>]>([
  ['the namespace of its target', { target: { ...change.target, namespace: 'models' } }],
  ['the account of its target', { target: { ...change.target, account: '123456789012' } }],
  ['the labels of its target, which others change', { target: { ...change.target, labels: { a: 'b' } } }],
  ['how many things of the kind there are', { fleet: 7 }],
  ['what is lost', { loses: 'the memory of 3 pods' }],
])('what is approved does not change with %s', (_, more) => {
  expect(digest(more)).toBe(digest({}))
})

test('what is approved changes with the target and with what becomes of it', () => {
  expect(digest({ target: { ...change.target, id: 'another' } })).not.toBe(digest({}))
  expect(digest({ target: { ...change.target, kind: 'StatefulSet' } })).not.toBe(digest({}))
  expect(digest({ after: { replicas: 1 } })).not.toBe(digest({}))
})
