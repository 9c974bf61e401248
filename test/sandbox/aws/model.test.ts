import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { demoScenario, LEAKED_KEY } from '../../../src/sandbox/aws/scenario.ts'
import { stateFrom } from '../../../src/sandbox/aws/seed.ts'
import { services } from '../../../src/sandbox/aws/services.ts'
import type { Call } from '../../../src/sandbox/aws/state.ts'
import { toJson } from '../../../src/sandbox/aws/wire.ts'
import { examplesOf, haveModels, modelOf, type Model, type Shape } from './models.ts'

type Schema = {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: string[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  pattern?: string
}

/** Members of the real service that the stand-in refuses as not modelled. */
const leftOut: Record<string, string[]> = {
  PutSecretValue: ['RotationToken'],
  UpdateSecret: ['Type'],
  RotateSecret: ['ExternalSecretRotationMetadata', 'ExternalSecretRotationRoleArn'],
  ListSecrets: ['Filters', 'SortBy'],
  CreateSecret: ['AddReplicaRegions', 'ForceOverwriteReplicaSecret', 'Type'],
  LookupEvents: ['EventCategory'],
}

/** The constraints of a schema and of a model shape in one form, so that they can be compared. */
function ofSchema(schema: Schema): unknown {
  if (schema.type === 'object') {
    const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, ofSchema(member)])
    return { required: schema.required?.toSorted() ?? [], members: Object.fromEntries(members) }
  }
  if (schema.type === 'array')
    return { min: schema.minItems, max: schema.maxItems, member: ofSchema(schema.items ?? {}) }
  if (schema.enum !== undefined) return { enum: schema.enum.toSorted() }
  const max = [schema.maxLength, schema.maximum].find(
    (max) => max !== undefined && max !== Number.MAX_SAFE_INTEGER,
  )
  const min = [schema.minLength, schema.minimum].find(
    (min) => min !== undefined && min !== Number.MIN_SAFE_INTEGER,
  )
  return { min: min ?? 0, max, pattern: schema.pattern }
}

function ofShape(model: Model, shape: Shape, without: string[] = []): unknown {
  const { type, min, max, pattern } = shape
  const at = (name: string) => ofShape(model, model.shapes[name] ?? { type: 'missing' })
  if (type === 'list') return { min, max, member: at(shape.member?.shape ?? '') }
  if (type !== 'structure') {
    return shape.enum ? { enum: shape.enum.toSorted() } : { min: min ?? 0, max: lengthOnWire(shape), pattern }
  }
  const kept = Object.entries(shape.members ?? {}).filter(([name]) => !without.includes(name))
  const members = Object.fromEntries(kept.map(([name, member]) => [name, at(member.shape)]))
  return { required: (shape.required ?? []).toSorted(), members }
}

/** Base64 on the wire is a third longer than the bytes the model counts, rounded up to four characters. */
function lengthOnWire({ type, max }: Shape): number | undefined {
  return type === 'blob' && max !== undefined ? Math.ceil(max / 3) * 4 : max
}

/** Patterns are compared as languages of one character class; the model writes them unanchored. */
function plain(constraints: unknown): unknown {
  return JSON.parse(
    JSON.stringify(constraints, (key, value) =>
      key === 'pattern' && typeof value === 'string'
        ? new RegExp(`^${value.replace(/^\^|\$$/g, '')}$`).source.replaceAll(
            /\\(?=[()#?*/])|(?<=[^+])\\(?=-)/g,
            '',
          )
        : value,
    ),
  )
}

type Placed = { shape: Shape | undefined; value: unknown; at: string }

/** Members of an answer that the model does not have, and required ones that the answer lacks. */
function misfits(model: Model, { shape, value, at }: Placed): string[] {
  if (shape?.type === 'list' && Array.isArray(value)) {
    const member = model.shapes[shape.member?.shape ?? '']
    return value.flatMap((item) => misfits(model, { shape: member, value: item, at: `${at}[]` }))
  }
  if (shape?.type !== 'structure') return []
  const given = value as Record<string, unknown>
  const missing = shape.required?.filter((name) => !(name in given)) ?? []
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...Object.keys(given).flatMap((name) => {
      const member = shape.members?.[name]
      const place = `${at}.${name}`
      if (member === undefined) return [`${place} is unknown`]
      return misfits(model, { shape: model.shapes[member.shape], value: given[name], at: place })
    }),
  ]
}

const gateway = { SecretId: 'prod/inference-gateway' }
const owner = { UserName: 'ci-deployer' }
/** One good request for every operation. */
const requests: Record<string, object> = {
  GetAccessKeyLastUsed: { AccessKeyId: LEAKED_KEY },
  ListAccessKeys: owner,
  UpdateAccessKey: { ...owner, AccessKeyId: LEAKED_KEY, Status: 'Inactive' },
  CreateAccessKey: owner,
  DeleteAccessKey: { ...owner, AccessKeyId: LEAKED_KEY },
  ListUsers: { MaxItems: '1' },
  GetUser: owner,
  GetCallerIdentity: {},
  DescribeSecret: gateway,
  GetSecretValue: gateway,
  PutSecretValue: { ...gateway, SecretString: 'new' },
  UpdateSecret: { ...gateway, SecretString: 'new' },
  UpdateSecretVersionStage: {
    SecretId: 'prod/stuck',
    VersionStage: 'CANARY',
    MoveToVersionId: 'x'.repeat(32),
  },
  RotateSecret: gateway,
  CancelRotateSecret: gateway,
  GetRandomPassword: {},
  ListSecretVersionIds: gateway,
  ListSecrets: { MaxResults: 1 },
  CreateSecret: { Name: 'new', SecretString: 'new', Tags: [{ Key: 'a', Value: 'b' }] },
  LookupEvents: { MaxResults: 1 },
}

function demoCall(): Call {
  const state = stateFrom(demoScenario(new Date()), new Date())
  const [caller] = state.keys.values()
  const [, , stuck] = state.secrets.values()
  stuck?.versions.set('x'.repeat(32), { id: 'x'.repeat(32), created: new Date(), stages: [] })
  if (caller === undefined) throw new Error('the scenario has keys')
  return { caller, world: { state, now: () => new Date(), later: () => undefined } }
}

describe.skipIf(!haveModels)('the stand-in against the service models', () => {
  for (const service of services) {
    const model = haveModels ? modelOf(service.name) : undefined
    for (const [name, operation] of Object.entries(service.operations)) {
      it(`checks the arguments of ${service.name}:${name} as the model says`, () => {
        const shape = model?.shapes[model.operations[name]?.input?.shape ?? '']
        if (model === undefined || shape === undefined) throw new Error(`the model has no ${name}`)
        const schema = z.toJSONSchema(operation.input, { io: 'input' }) as Schema
        const ours = plain(ofSchema(schema)) as { members: Record<string, { pattern?: string }> }
        // zod adds its own expression for base64, and none for numbers that arrive as text.
        if (ours.members['SecretBinary'] !== undefined) delete ours.members['SecretBinary'].pattern
        expect(ours).toEqual(plain(ofShape(model, shape, leftOut[name])))
      })
    }
    it(`answers in the shapes of the ${service.name} model`, () => {
      if (model === undefined) throw new Error('no model')
      for (const [name, operation] of Object.entries(service.operations)) {
        const output = model.operations[name]?.output?.shape
        const answer = operation.run(requests[name], demoCall())
        expect(answer === undefined, name).toBe(output === undefined)
        if (answer === undefined || output === undefined) continue
        expect(Object.keys(answer).length, name).toBeGreaterThan(0)
        expect(misfits(model, { shape: model.shapes[output], value: toJson(answer), at: '' }), name).toEqual(
          [],
        )
      }
    })

    it(`is addressed like the real ${service.name}`, () => {
      expect(service.version ?? model?.metadata.apiVersion).toBe(model?.metadata.apiVersion)
      expect(service.target).toBe(model?.metadata.targetPrefix?.split('.').at(-1))
    })
  }

  it('notices a constraint that differs', () => {
    const model = modelOf('iam')
    const shape = model.shapes['UpdateAccessKeyRequest']
    const wrong = z.strictObject({ AccessKeyId: z.string().min(15) })
    const ours = ofSchema(z.toJSONSchema(wrong) as Schema)
    expect(shape && plain(ofShape(model, shape))).not.toEqual(plain(ours))
  })

  it('accepts the input of every example of an operation it models', () => {
    const seen: string[] = []
    for (const service of ['iam', 'secretsmanager'] as const) {
      const operations = services.find(({ name }) => name === service)?.operations ?? {}
      for (const [name, operation] of Object.entries(operations)) {
        for (const example of examplesOf(service)[name] ?? []) {
          expect(
            operation.input.safeParse(example.input ?? {}).error,
            `${name}: ${example.title}`,
          ).toBeUndefined()
          seen.push(name)
        }
      }
    }
    expect(seen.length).toBeGreaterThan(15)
  })
})
