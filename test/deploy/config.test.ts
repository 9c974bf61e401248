import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import { lintConfig, parseConfig } from '../../src/config/load.ts'
import { readPlaybooks } from '../../src/playbook/folder.ts'
import { KubernetesConfig } from '../../src/providers/kubernetes/config.ts'
import { AwsConfig } from '../../src/providers/aws/config.ts'
import { container } from './hardening.ts'
import { at, manifests, only, read, root, type Obj, textOf } from './manifests.ts'

const text = read('firebreak.yaml')
const secrets = '/run/firebreak/secrets'
const folder = mkdtempSync(join(tmpdir(), 'firebreak-deploy-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The files that the pod gets from its Secret. */
function mounted(): string[] {
  const volumes = at(only(manifests(), 'Deployment'), ['spec', 'template', 'spec', 'volumes']) as Obj[]
  const items = volumes.flatMap((volume) => (at(volume, ['secret', 'items']) ?? []) as Obj[])
  return items.map(({ path }) => textOf(path))
}

it('the sample configuration has no fault and no warning', () => {
  expect(lintConfig(text, 'firebreak.yaml')).toEqual([])
})

it('it loads with exactly the secrets that the pod mounts', () => {
  const files = mounted()
  for (const name of files) writeFileSync(join(folder, name), `secret of ${name}\n`)
  const config = parseConfig(text.replaceAll(secrets, folder), join(folder, 'firebreak.yaml'), {})
  expect(config.slack?.botToken.reveal()).toBe('secret of slack-bot-token')
  expect([...text.matchAll(/file: \S*\/([\w-]+)/g)].map((match) => match[1])).toEqual(files)
  for (const settings of Object.values(config.providers.kubernetes)) KubernetesConfig.parse(settings)
  for (const settings of Object.values(config.providers.aws)) AwsConfig.parse(settings)
})

it('its port, state folder and secrets are those of the pod', () => {
  const config = parseConfig(text.replaceAll(secrets, folder), '/etc/firebreak/firebreak.yaml', {})
  const deployment = only(manifests(), 'Deployment')
  expect(config.listen).toEqual({
    host: '0.0.0.0',
    port: at(deployment, [...container, 'ports', 0, 'containerPort']),
  })
  const mounts = (at(deployment, [...container, 'volumeMounts']) as Obj[]).map(({ mountPath }) => mountPath)
  expect(mounts).toContain(config.state)
  expect(mounts).toContain(secrets)
  const env = at(deployment, [...container, 'env']) as Obj[]
  expect(env.find(({ name }) => name === 'FIREBREAK_STATE')?.['value']).toBe(config.state)
})

it('its routes start stock playbooks with inputs that they have', () => {
  const { playbooks } = readPlaybooks([join(root, 'playbooks')], actions)
  const config = parseConfig(text.replaceAll(secrets, folder), join(folder, 'firebreak.yaml'), {})
  expect(config.alerts.routes).not.toEqual([])
  for (const route of config.alerts.routes) {
    const inputs = 'playbook' in route ? playbooks.get(route.playbook)?.info.inputs : undefined
    expect(Object.keys(inputs ?? {})).toEqual(
      expect.arrayContaining(Object.keys('inputs' in route ? route.inputs : {})),
    )
    expect(inputs).toBeDefined()
  }
})
