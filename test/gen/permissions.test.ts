import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { actions } from '../../src/actions/index.ts'
import { catalogueText } from '../../src/gen/catalogue.ts'
import { iamText } from '../../src/gen/iam.ts'
import { jsonText } from '../../src/gen/json-text.ts'
import { mergeRules, rbacText } from '../../src/gen/rbac.ts'
import { registrySource } from '../../src/gen/registry.ts'

const all = Object.values(actions)

type Policy = {
  readonly Statement: readonly { readonly Effect: string; readonly Action: readonly string[] }[]
}

function rule(group: string, resources: string[], verbs: string[]) {
  return { apiGroups: [group], resources, verbs }
}

describe('the role', () => {
  it('merges what differs in verbs or resources only, and keeps API groups apart', () => {
    expect(
      mergeRules([
        rule('apps', ['deployments'], ['patch']),
        rule('apps', ['statefulsets', 'deployments'], ['get']),
        rule('', ['pods'], ['list']),
        rule('apps', ['replicasets'], ['get']),
        rule('batch', ['jobs'], ['get']),
        rule('apps', ['deployments'], ['get']),
      ]),
    ).toEqual([
      rule('', ['pods'], ['list']),
      rule('apps', ['deployments'], ['get', 'patch']),
      rule('apps', ['replicasets', 'statefulsets'], ['get']),
      rule('batch', ['jobs'], ['get']),
    ])
  })

  it('says that it is generated, and gives nothing where nothing is declared', () => {
    const text = rbacText([{ permissions: { plan: { aws: ['iam:GetUser'] }, apply: {} } }])
    expect(text).toMatch(/^# Generated/)
    expect(parse(text)).toMatchObject({ kind: 'ClusterRole', rules: [] })
  })
})

describe('the policy', () => {
  it('allows exactly what the actions declare, each once', () => {
    const { Statement: statements } = JSON.parse(iamText(all)) as Policy
    const given = statements.flatMap(({ Action }) => Action)
    const declared = all.flatMap(({ permissions: { plan, apply } }) => [
      ...(plan.aws ?? []),
      ...(apply.aws ?? []),
    ])
    expect(given.toSorted()).toEqual([...new Set(declared)].toSorted())
    expect(given.join()).not.toContain('*')
    expect(statements.map(({ Effect }) => Effect)).toEqual(['Allow', 'Allow'])
  })

  it('keeps what only looks apart from what changes something', () => {
    const [plan] = (JSON.parse(iamText(all)) as Policy).Statement
    expect(plan?.Action.filter((action) => !/:(Get|List|Describe|Lookup)/.test(action))).toEqual([])
  })
})

describe('the catalogue', () => {
  const text = catalogueText(all)

  it('has every action with all that it takes, gives and needs', () => {
    for (const { name, title, input, permissions } of all) {
      const section = text.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? ''
      expect(section).toContain(title)
      for (const field of Object.keys(input.shape)) expect(section).toContain(`| \`${field}\` |`)
      for (const right of permissions.apply.aws ?? []) expect(section).toContain(`\`${right}\``)
    }
  })

  it('has no field without words', () => {
    expect(text.split('\n').filter((line) => /\|\s*\|$/.test(line))).toEqual([])
  })
})

it('the registry is made of the names of files', () => {
  const text = registrySource(['index.ts', 'README.md', 'aws', 'aws/rotate-secret.ts', 'aws/notes.md'])
  expect(text).toContain("import { rotateSecret as awsRotateSecret } from './aws/rotate-secret.ts'")
  expect(text.match(/^ {2}'/gm)).toHaveLength(1)
})

it('JSON is written as the formatter would', () => {
  const long = Array.from({ length: 30 }, (_, i) => `item-${i}`)
  const value = { short: [1, 'two'], none: [], empty: {}, long, objects: [{ a: null }] }
  expect(JSON.parse(jsonText(value))).toEqual(value)
  expect(jsonText({ short: [1, 'two'], none: [] })).toBe('{\n  "short": [1, "two"],\n  "none": []\n}\n')
  for (const line of jsonText(value).split('\n')) expect(line.length).toBeLessThanOrEqual(110)
})
