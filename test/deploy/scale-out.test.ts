import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { generateLogKey, logKeyToPem } from '../../src/audit/key.ts'
import { readKeyFile } from '../../src/audit/key-file.ts'
import { lintConfig, parseConfig } from '../../src/config/load.ts'
import { DRAIN_MS } from '../../src/engine/driver.ts'
import { tempFolder } from '../support/bot.ts'
import { container, deploymentFaults } from './hardening.ts'
import { patched } from './json-patch.ts'
import { at, manifests, only, readYaml, root, textOf, type Obj, type Value } from './manifests.ts'
import { shapeFaults } from './shape.ts'

const folder = join(root, 'deploy/kubernetes-scale-out')
const text = (name: string) => readFileSync(join(folder, name), 'utf8')
const yaml = (name: string) => parse(text(name)) as Value
const kustomization = yaml('kustomization.yaml') as Obj
const pod = ['spec', 'template', 'spec']

const deployment = patched(only(manifests(), 'Deployment'), yaml('deployment.patch.yaml'))
const policy = patched(only(manifests(), 'NetworkPolicy'), yaml('network-policy.patch.yaml'))
const budget = yaml('disruption-budget.yaml') as Obj
const init = at(deployment, [...pod, 'initContainers', 0]) as Obj

function volume(name: string): Obj | undefined {
  return (at(deployment, [...pod, 'volumes']) as Obj[]).find((each) => each['name'] === name)
}

describe('the overlay for more than one machine', () => {
  it('is made of files that exist, and patches objects that exist', () => {
    const patches = kustomization['patches'] as Obj[]
    const files = [...patches.map(({ path }) => path), ...(kustomization['resources'] as string[])]
    for (const file of files) expect(existsSync(join(folder, textOf(file)))).toBe(true)
    expect(kustomization['resources']).toContain('../kubernetes')
    for (const patch of patches) {
      const { kind, name } = patch['target'] as Obj
      expect(at(only(manifests(), textOf(kind)), ['metadata', 'name'])).toBe(name)
    }
    const gone = yaml('no-volume.patch.yaml') as Obj
    expect([gone['$patch'], gone['kind']]).toEqual(['delete', 'PersistentVolumeClaim'])
    const [base] = readYaml('kustomization.yaml')['configMapGenerator'] as Obj[]
    const [own] = kustomization['configMapGenerator'] as Obj[]
    expect(own).toEqual({ ...base, behavior: 'replace' })
  })

  it('gives objects with known fields of the right types', () => {
    for (const object of [deployment, policy, budget]) expect(shapeFaults(object)).toEqual([])
  })

  it('is as hardened as the single pod, and differs where it must', () => {
    expect(deploymentFaults(deployment)).toEqual([
      'spec.replicas',
      'spec.strategy.type',
      'spec.template.spec.initContainers',
      'volume /var/lib/firebreak',
    ])
    expect(init['securityContext']).toEqual(at(deployment, [...container, 'securityContext']))
    expect(init['image']).toBe(at(deployment, [...container, 'image']))
    expect(at(init, ['resources', 'limits', 'memory'])).toBeTypeOf('string')
  })

  it('keeps one replica through a drain, an upgrade and the loss of a node', () => {
    expect(at(deployment, ['spec', 'replicas'])).toBeGreaterThanOrEqual(2)
    expect(at(deployment, ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable'])).toBe(1)
    expect(at(budget, ['spec', 'maxUnavailable'])).toBe(1)
    const labels = at(deployment, ['spec', 'template', 'metadata', 'labels'])
    expect(at(budget, ['spec', 'selector', 'matchLabels'])).toEqual(labels)
    const apart = ['affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 0]
    expect(at(deployment, [...pod, ...apart])).toEqual({
      topologyKey: 'kubernetes.io/hostname',
      labelSelector: { matchLabels: labels },
    })
    expect(at(deployment, [...container, 'readinessProbe', 'httpGet', 'path'])).toBe('/readyz')
    const grace = Number(at(deployment, [...pod, 'terminationGracePeriodSeconds']))
    expect(grace * 1000).toBeGreaterThan(DRAIN_MS + 5000)
    expect(grace).toBeGreaterThanOrEqual(30)
  })

  it('brings the key to a place where the bot takes it', () => {
    expect(volume('state')).toEqual({ name: 'state', emptyDir: { medium: 'Memory', sizeLimit: '32Mi' } })
    const items = at(volume('key'), ['secret', 'items']) as Obj[]
    const key = generateLogKey('firebreak.example/production')
    const [source, state] = [join(tempFolder(), 'key'), tempFolder()]
    mkdirSync(source)
    for (const { path } of items) {
      const content = path === 'log.key' ? logKeyToPem(key) : `${key.text}\n`
      writeFileSync(join(source, textOf(path)), content)
      chmodSync(join(source, textOf(path)), Number(at(volume('key'), ['secret', 'defaultMode'])))
    }
    const [command = '', ...args] = (init['command'] as string[]).map((word) =>
      word.replace('/run/firebreak/key', source).replace('/var/lib/firebreak', state),
    )
    expect(spawnSync(command, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    expect(readKeyFile(join(state, 'log.key'), key.name).text).toBe(key.text)
    const mounts = init['volumeMounts'] as Obj[]
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/firebreak', '/run/firebreak/key'])
    expect(mounts.every(({ name }) => volume(textOf(name)) !== undefined)).toBe(true)
  })

  it('is configured like the single pod, with the address of PostgreSQL from the Secret', () => {
    expect(lintConfig(text('firebreak.yaml'), 'firebreak.yaml')).toEqual([])
    const { store, ...rest } = yaml('firebreak.yaml') as Obj
    expect(rest).toEqual(readYaml('firebreak.yaml'))
    const items = (at(volume('secrets'), ['secret', 'items']) as Obj[]).map(({ path }) => textOf(path))
    expect(store).toEqual({ file: '/run/firebreak/secrets/store-url' })
    expect(items).toContain('store-url')
    const secrets = tempFolder()
    for (const name of items) writeFileSync(join(secrets, name), `postgres://firebreak:pw@db/${name}`)
    const content = text('firebreak.yaml').replaceAll('/run/firebreak/secrets', secrets)
    const config = parseConfig(content, join(secrets, 'firebreak.yaml'), {})
    expect(config.store?.url.reveal()).toBe('postgres://firebreak:pw@db/store-url')
  })

  it('opens the way to PostgreSQL, and no other', () => {
    const base = at(only(manifests(), 'NetworkPolicy'), ['spec', 'egress']) as Obj[]
    const egress = at(policy, ['spec', 'egress']) as Obj[]
    expect(egress.slice(0, -1)).toEqual(base)
    const [last] = egress.slice(-1)
    expect(last?.['ports']).toEqual([{ port: 5432, protocol: 'TCP' }])
    expect(last?.['to']).toHaveLength(1)
  })
})
