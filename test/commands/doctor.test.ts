import { afterEach, expect, test } from 'vitest'
import { doctor } from '../../src/commands/doctor.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { DoctorPart } from '../../src/core/wire.ts'
import { demoScenario } from '../../src/sandbox/aws/scenario.ts'
import { type AwsSandbox, startAws } from '../../src/sandbox/aws/server.ts'
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts'

let account: AwsSandbox | undefined
let cluster: OwnCluster | undefined
afterEach(async () => {
  await account?.close()
  await cluster?.sandbox.close()
})

const journal = async (): Promise<DoctorPart> => ({ name: 'journal', identity: 'open', ok: true })

async function asked(token: string): Promise<readonly DoctorPart[]> {
  if (account === undefined) throw new Error('no account')
  const { url: endpoint, accessKeyId, region, secretAccessKey } = account
  const text = JSON.stringify({
    providers: {
      aws: { here: { region, endpoint, credentials: { accessKeyId, secretAccessKey: { env: 'AWS' } } } },
      kubernetes: { here: { server: cluster?.sandbox.url, token: { env: 'TOKEN' } } },
    },
  })
  const env = { AWS: secretAccessKey, TOKEN: token }
  return doctor(parseConfig(text, '/etc/firebreak/firebreak.yaml', env), { slack: undefined, journal })
}

test('doctor lists what Firebreak itself lives on, each with the reason why it is never touched', async () => {
  account = await startAws({ seed: demoScenario(new Date()) })
  cluster = await startOwnCluster()
  const parts = await asked(cluster.token)
  const guarded = parts.filter(({ name }) => name === 'never touched')
  expect(parts.every(({ ok }) => ok)).toBe(true)
  expect(guarded.map(({ identity, detail }) => `${identity}, ${detail}`)).toEqual(
    expect.arrayContaining([
      `aws/here: ${account.accessKeyId}, because Firebreak signs with this key`,
      'aws/here: arn:aws:iam::123456789012:user/firebreak, because Firebreak acts as it',
      'kubernetes/here: everything in namespace firebreak, because Firebreak itself runs in this namespace',
      'kubernetes/here: Deployment firebreak/firebreak, because it keeps Firebreak running',
      'kubernetes/here: Secret firebreak/firebreak-secrets, because the pod of Firebreak needs it',
    ]),
  )
  const said = guarded.map(({ identity }) => identity)
  expect(new Set(said).size).toBe(said.length)
})

test('doctor says where it cannot be found out, and what holds all the same', async () => {
  account = await startAws({ seed: demoScenario(new Date()) })
  cluster = await startOwnCluster()
  const parts = await asked('worth nothing')
  const failed = parts.filter(({ ok }) => !ok)
  expect(failed.map(({ name }) => name)).toEqual(['kubernetes/here', 'never touched'])
  expect(failed.at(-1)?.detail).toContain('the token is not valid')
  expect(parts.map(({ identity }) => identity)).toContain(`firebreak.yaml: ${account.accessKeyId}`)
})
