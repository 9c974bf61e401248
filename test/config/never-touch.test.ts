import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { ConfigFault } from '../../src/config/fault.ts'
import { neverTouch } from '../../src/policy/never-touch.ts'

function read(text: string) {
  return parseConfig(text, '/etc/firebreak/firebreak.yaml', {}).guardrails.neverTouch
}

function faults(rule: string): string[] {
  try {
    read(`guardrails: { neverTouch: [${rule}] }`)
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.diagnostics.map(({ message }) => message)
  }
}

const text = `
guardrails:
  neverTouch:
    - { namespace: payments }
    - { account: '012345678901', kind: aws.* }
    - { kind: Deployment, labels: { tier: gold, 'app.kubernetes.io/part-of': 'billing-*', empty: '' } }
    - { id: AKIAIOSFODNN7EXAMPLE }
    - { name: prod-*, namespace: '*-models' }
`

describe('guardrails.neverTouch', () => {
  test('is read as it is written', () => {
    expect(read(text)).toEqual([
      { namespace: 'payments' },
      { account: '012345678901', kind: 'aws.*' },
      { kind: 'Deployment', labels: { tier: 'gold', 'app.kubernetes.io/part-of': 'billing-*', empty: '' } },
      { id: 'AKIAIOSFODNN7EXAMPLE' },
      { name: 'prod-*', namespace: '*-models' },
    ])
  })

  test('forbids what it says, once it is read', () => {
    const target = { kind: 'Deployment', id: 'uid', name: 'payments/api', namespace: 'payments' }
    expect(neverTouch(target, { rules: read(text), own: [] })?.reason).toContain('namespace payments')
    const other = { ...target, name: 'web/api', namespace: 'web' }
    expect(neverTouch(other, { rules: read(text), own: [] })).toBeUndefined()
  })

  test.each([
    ['an account that YAML takes for a number', '{ account: 123456789012 }', 'in quotes'],
    ['an account of too few digits, which would guard nothing', "{ account: '1234' }", 'twelve digits'],
    ['an account with letters', "{ account: 'prod' }", 'twelve digits'],
    ['a label that YAML takes for a number', '{ labels: { shard: 7 } }', 'in quotes'],
    ['a label that YAML takes for a truth', '{ labels: { gpu: true } }', 'in quotes'],
    ['labels that name none', '{ labels: {} }', 'says nothing'],
    ['a rule that says nothing', '{}', 'says nothing'],
    ['an empty namespace', "{ namespace: '' }", 'namespace'],
    ['a key of no rule', '{ cluster: prod }', 'unknown key'],
  ])('%s', (_, rule, message) => {
    expect(faults(rule).join('\n')).toContain(message)
  })
})
