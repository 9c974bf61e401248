import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { actions } from '../../src/actions/index.ts'
import { playbookSchemaText } from '../../src/gen/playbook-schema.ts'

type Schema = { readonly [key: string]: unknown }

const folder = join(import.meta.dirname, '../../playbooks')
const schema = JSON.parse(playbookSchemaText(Object.values(actions))) as Schema
const validate = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
}).compile(schema)

function step(text: string): object {
  return {
    name: 'p',
    title: 'P',
    severity: 'low',
    because: 'drill',
    steps: { one: parse(text) as object },
  }
}

const scale = 'action: kubernetes.scale, with: { namespace: a, kind: Deployment, name: b, replicas: 0 }'

describe('the schema for editors', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))(
    'takes the stock playbook %s',
    (name) => {
      validate(parse(readFileSync(join(folder, name), 'utf8')))
      expect(validate.errors).toBeNull()
    },
  )

  it.each<[string, string]>([
    [
      'constants',
      '{ action: kubernetes.scale, with: { namespace: a, kind: Deployment, name: b, replicas: 0 } }',
    ],
    [
      'an expression for each type',
      '{ action: kubernetes.scale, with: { namespace: "${{ inputs.a }}", kind: "${{ item.kind }}", name: "x-${{ inputs.b }}", replicas: "${{ inputs.n }}" } }',
    ],
    ['an action that needs no input, without any', '{ action: kubernetes.find-gpu-workloads }'],
    [
      'the other keys',
      '{ action: slack.post, with: { channel: a, text: b }, when: failed(), after: [x], onError: continue, timeout: 5m }',
    ],
    [
      'a read that is tried again',
      '{ action: kubernetes.find-gpu-workloads, retry: { attempts: 5, wait: 1s } }',
    ],
    ['an effect for a time', `{ ${scale}, retry: {}, ttl: 4h, onExpiry: undo }`],
    ['an effect for a time, at the end of which people are asked', `{ ${scale}, ttl: 4h }`],
  ])('takes %s', (_, text) => {
    validate(step(text))
    expect(validate.errors).toBeNull()
  })

  it.each<[string, string]>([
    ['an unknown action', '{ action: kubernetes.explode, with: {} }'],
    ['no action', '{ with: {} }'],
    ['an unknown key of a step', '{ action: kubernetes.find-gpu-workloads, whith: {} }'],
    ['an unknown input', '{ action: kubernetes.find-gpu-workloads, with: { cluster: a } }'],
    ['a missing input', '{ action: slack.post, with: { channel: a } }'],
    ['no input where one is needed', '{ action: slack.post }'],
    [
      'the wrong type',
      '{ action: kubernetes.scale, with: { namespace: a, kind: Deployment, name: b, replicas: none } }',
    ],
    [
      'a text around the expression of a number',
      '{ action: kubernetes.scale, with: { namespace: a, kind: Deployment, name: b, replicas: "n ${{ inputs.n }}" } }',
    ],
    [
      'a value that is not among those allowed',
      '{ action: kubernetes.scale, with: { namespace: a, kind: Pod, name: b, replicas: 0 } }',
    ],
    [
      'a number out of range',
      '{ action: kubernetes.scale, with: { namespace: a, kind: Deployment, name: b, replicas: -1 } }',
    ],
    ['a malformed duration', '{ action: kubernetes.find-gpu-workloads, timeout: 5 minutes }'],
    ['an approval by nobody', '{ action: kubernetes.find-gpu-workloads, approve: { count: 2 } }'],
    ['a read that ends', '{ action: kubernetes.find-gpu-workloads, ttl: 4h }'],
    ['a message that ends', '{ action: slack.post, with: { channel: a, text: b }, ttl: 4h }'],
    ['a message that is tried again', '{ action: slack.post, with: { channel: a, text: b }, retry: {} }'],
    ['a wait that is tried again', '{ action: firebreak.wait, with: { for: 5m }, retry: {} }'],
    ['an end without a time', `{ ${scale}, onExpiry: undo }`],
    ['an end that is none', `{ ${scale}, ttl: 4h, onExpiry: keep }`],
    ['eleven tries', `{ ${scale}, retry: { attempts: 11 } }`],
    ['an unknown key of retry', `{ ${scale}, retry: { backoff: 2 } }`],
  ])('refuses %s', (_, text) => {
    expect(validate(step(text))).toBe(false)
  })

  it('refuses a playbook without steps, and unknown keys at the top', () => {
    const good = step('{ action: kubernetes.find-gpu-workloads }')
    expect(validate(good)).toBe(true)
    expect(validate({ ...good, steps: {} })).toBe(false)
    expect(validate({ ...good, owner: 'me' })).toBe(false)
    expect(validate({ ...good, timeout: '2h' })).toBe(true)
    expect(validate({ ...good, timeout: '2 hours' })).toBe(false)
  })

  it('explains every key', () => {
    expect(unexplained(schema, '')).toEqual([])
    expect(unexplained({ properties: { a: { type: 'string' } } }, '')).toEqual(['.a'])
  })
})

/** Paths of properties without a description; conditions only repeat what is described elsewhere. */
function unexplained(of: unknown, path: string): string[] {
  if (typeof of !== 'object' || of === null) return []
  if (Array.isArray(of)) return of.flatMap((item, i) => unexplained(item, `${path}[${i}]`))
  return Object.entries(of).flatMap(([key, value]) => {
    if (key === 'if' || key === 'then' || key === 'default') return []
    if (key !== 'properties') return unexplained(value, path)
    return Object.entries(value as Schema).flatMap(([name, property]) => {
      const described = typeof (property as Schema)['description'] === 'string'
      return [...(described ? [] : [`${path}.${name}`]), ...unexplained(property, `${path}.${name}`)]
    })
  })
}
