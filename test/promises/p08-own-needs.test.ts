import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import { demoScenario } from '../../src/sandbox/aws/scenario.ts'
import { type AwsSandbox, startAws } from '../../src/sandbox/aws/server.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts'

// P8: what Firebreak itself lives on is worked out by itself, and refused to every action: in a plan, and at the moment of
// effect. Nothing of it is configured here.

const text = (pattern: string) => ({ type: 'string', pattern, description: 'What is meant' })
const stop = {
  namespace: text('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
  kind: { type: 'string', enum: ['Deployment', 'StatefulSet'], description: 'Kind' },
  name: text('^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$'),
}
const where = { namespace: '${{ inputs.namespace }}', kind: '${{ inputs.kind }}', name: '${{ inputs.name }}' }
const key = { userName: text('^[\\w+=,.@-]{1,64}$'), accessKeyId: text('^AKIA[A-Z0-9]{16}$') }
const named = { userName: '${{ inputs.userName }}', accessKeyId: '${{ inputs.accessKeyId }}' }

const playbooks = [
  playbook(
    'stop',
    { act: { action: 'kubernetes.scale', with: { ...where, replicas: 0 } } },
    { inputs: stop },
  ),
  // What is read after a wait cannot be foreseen, so the plan knows nothing of the step, and the effect is judged alone.
  playbook(
    'stop-later',
    {
      pause: { action: 'firebreak.wait', with: { for: '1s' } },
      read: {
        action: 'kubernetes.list-revisions',
        after: ['pause'],
        with: { namespace: '${{ inputs.namespace }}', name: '${{ inputs.name }}' },
      },
      act: {
        action: 'kubernetes.scale',
        with: { ...where, replicas: '${{ size(steps.read.revisions) > 5 ? 5 : 0 }}' },
      },
    },
    { inputs: stop },
  ),
  playbook('switch-off', { act: { action: 'aws.deactivate-access-key', with: named } }, { inputs: key }),
  playbook('switch-on', { act: { action: 'aws.activate-access-key', with: named } }, { inputs: key }),
]

const OTHER = 'AKIAFIREBREAKSOTHERX'
let cluster: OwnCluster
let account: AwsSandbox
let bot: Bot
beforeAll(async () => {
  cluster = await startOwnCluster()
  account = await startAws({ seed: demoScenario(new Date()) })
  account.mutate(({ keys }) => {
    const own = keys.get(account.accessKeyId)
    if (own !== undefined) keys.set(OTHER, { ...own, accessKeyId: OTHER, status: 'Inactive' })
  })
  const { region, url: endpoint, accessKeyId, secretAccessKey } = account
  const providers = {
    aws: { here: { region, endpoint, credentials: { accessKeyId, secretAccessKey: { env: 'AWS' } } } },
    kubernetes: { here: { server: cluster.sandbox.url, token: { env: 'TOKEN' }, steadyMs: 40 } },
  }
  const env = { AWS: secretAccessKey, TOKEN: cluster.token }
  bot = await startBot({ actions, playbooks, env, config: { providers } })
})
afterAll(async () => {
  await bot.close()
  await account.close()
  await cluster.sandbox.close()
})

function effects() {
  const sent = cluster.sandbox.requests.filter(
    ({ method, query }) => method !== 'GET' && query['dryRun'] !== 'All',
  )
  const calls = account.requests.filter(({ mutates }) => mutates)
  return [...sent.map(({ path }) => path), ...calls.map(({ operation }) => operation)]
}

/** The code of the refusal, wherever it came. */
async function endOf(name: string, inputs: { [input: string]: string }): Promise<string | undefined> {
  try {
    return (await bot.over(await bot.start(name, inputs))).state.problem?.code
  } catch (error) {
    if (isFirebreakError(error)) return error.code
    throw error
  }
}

const deployment = (namespace: string, name: string) => ({ namespace, kind: 'Deployment', name })
const mine = (accessKeyId: string) => ({ userName: 'firebreak', accessKeyId })

const refused: [string, string, () => { [input: string]: string }][] = [
  ['its own deployment', 'stop', () => deployment('firebreak', 'firebreak')],
  ['whatever else is in its namespace', 'stop', () => deployment('firebreak', 'mate')],
  ['its own access key', 'switch-off', () => mine(account.accessKeyId)],
  ['another key of its own user', 'switch-on', () => mine(OTHER)],
]

describe('what Firebreak lives on', () => {
  it.each(refused)('%s: the plan says that it is never touched', async (_, name, inputs) => {
    const { state } = await bot.plan(name, inputs())
    const [line] = state.plan?.lines ?? []
    expect(line?.kind).toBe('fails')
    expect(line?.summary).toMatch(/lives on|itself uses/)
  })

  it.each([
    ...refused,
    [
      'its own deployment, which no plan could foresee',
      'stop-later',
      () => deployment('firebreak', 'firebreak'),
    ] as const,
  ])('%s: the step fails before any intent', async (_, name, inputs) => {
    const { state } = await bot.over(await bot.start(name, inputs()))
    expect(state.status).toBe('failed')
    expect(state.problem?.code).toBe('guardrail.never-touch')
    expect(await bot.types(state.id)).not.toContain('step.intended act')
    expect(effects()).toEqual([])
  })

  it.each<[string, string, { [input: string]: string }]>([
    ['its namespace in capitals', 'stop', deployment('Firebreak', 'firebreak')],
    ['its namespace with a dot', 'stop', deployment('firebreak.', 'firebreak')],
    ['its namespace with a blank', 'stop', deployment('firebreak ', 'firebreak')],
    ['its namespace with a look-alike', 'stop', deployment('fir\u0435break', 'firebreak')],
    ['its name with a path', 'stop', deployment('inference', '../../firebreak/deployments/firebreak')],
    ['its name with an encoded path', 'stop', deployment('inference', '..%2f..%2ffirebreak')],
    ['its key in small letters', 'switch-on', mine(OTHER.toLowerCase())],
    [
      'its user by ARN',
      'switch-on',
      { ...mine(OTHER), userName: 'arn:aws:iam::123456789012:user/firebreak' },
    ],
  ])('%s is no name of anything, and reaches no system', async (_, name, inputs) => {
    expect(await endOf(name, inputs)).toBe('input.wrong-value')
    expect(effects()).toEqual([])
  })

  it.each<[string, { [input: string]: string }]>([
    ['its user in capitals', { ...mine(OTHER), userName: 'FIREBREAK' }],
    ['its key as that of another user', { ...mine(OTHER), userName: 'alice' }],
  ])('%s is not found', async (_, inputs) => {
    expect(await endOf('switch-on', inputs)).toBe('provider.not-found')
    expect(effects()).toEqual([])
  })

  it('is all that is refused: what is next to it is stopped', async () => {
    const { state } = await bot.over(await bot.start('stop', deployment('data', 'other')))
    expect(state.status).toBe('succeeded')
    expect(effects()).toHaveLength(1)
  })
})
