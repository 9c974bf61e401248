import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { actions } from '../../../src/actions/index.ts'
import { neverTouch } from '../../../src/policy/never-touch.ts'
import { identitiesIn } from '../../../src/providers/aws/own.ts'
import { aws } from '../../../src/providers/aws/provider.ts'
import { bench, type Bench } from '../../actions/aws/harness.ts'

const OTHER = 'AKIAOTHERKEYOFOURSXX'
let account: Bench
beforeEach(async () => {
  account = await bench({ users: [{ userName: 'ci', keys: [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }] }] })
})
afterEach(() => account.sandbox.close())

const ask = () => aws.own?.(account.client, { signal: account.signal })

describe('what Firebreak lives on in an account', () => {
  test('is the user that it is, and the key that it signs with', async () => {
    const { accessKeyId } = account.sandbox
    expect(await ask()).toEqual({
      needs: [
        { id: accessKeyId, why: 'Firebreak signs with this key' },
        { id: 'arn:aws:iam::123456789012:user/firebreak', why: 'Firebreak acts as it' },
      ],
      unknown: [],
    })
    expect(account.sandbox.requests.map(({ operation }) => operation)).toEqual(['GetCallerIdentity'])
  })

  test('is the key alone where nobody says who it is, and that is said', async () => {
    const fault = { kind: 'error', code: 'ServiceUnavailable', message: 'canary', status: 503 } as const
    account.sandbox.faults.add({ operation: 'GetCallerIdentity', fault })
    const { needs, unknown } = (await ask()) ?? { needs: [], unknown: [] }
    expect(needs.map(({ id }) => id)).toEqual([account.sandbox.accessKeyId])
    expect(unknown.join()).toContain('which user or role Firebreak is')
    expect(unknown.join()).not.toContain('canary')
  })

  test('is what the plans of its actions are refused by, for each key of its user', async () => {
    const { sandbox, client, signal } = account
    sandbox.mutate(({ keys }) => {
      const [own] = [...keys.values()].filter(({ userName }) => userName === 'firebreak')
      if (own !== undefined) keys.set(OTHER, { ...own, accessKeyId: OTHER })
    })
    const own = (await ask())?.needs ?? []
    const plan = (userName: string, accessKeyId: string) =>
      actions['aws.activate-access-key'].plan({ userName, accessKeyId }, { client, signal })
    for (const id of [sandbox.accessKeyId, OTHER]) {
      const { target } = await plan('firebreak', id)
      expect(neverTouch(target, { rules: [], own })?.reason).toContain('lives on')
    }
    const { target } = await plan('ci', 'AKIAIOSFODNN7EXAMPLE')
    expect(neverTouch(target, { rules: [], own })).toBeUndefined()
  })
})

function forbids(caller: string, id: string): boolean {
  const target = { kind: 'aws.role', id, name: 'x' }
  return neverTouch(target, { rules: [], own: identitiesIn(caller) }) !== undefined
}

describe('who a caller is', () => {
  test.each([
    ['arn:aws:iam::123456789012:user/bots/firebreak', 'arn:aws:iam::123456789012:user/bots/firebreak', true],
    ['arn:aws:iam::123456789012:user/bots/firebreak', 'arn:aws:iam::123456789012:user/firebreak', false],
    ['arn:aws:sts::123456789012:assumed-role/bot/session', 'arn:aws:iam::123456789012:role/bot', true],
    ['arn:aws:sts::123456789012:assumed-role/bot/session', 'arn:aws:iam::123456789012:role/team/a/bot', true],
    ['arn:aws:sts::123456789012:assumed-role/bot/session', 'arn:aws:iam::123456789012:role/robot', false],
    ['arn:aws:sts::123456789012:assumed-role/bot/session', 'arn:aws:iam::999999999999:role/bot', false],
    ['arn:aws-cn:sts::123456789012:assumed-role/bot/s', 'arn:aws-cn:iam::123456789012:role/bot', true],
    ['arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:root', true],
  ])('%s: %s is never touched: %s', (caller, id, expected) => {
    expect(forbids(caller, id)).toBe(expected)
  })
})
