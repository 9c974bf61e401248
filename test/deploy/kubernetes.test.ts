import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clusterFaults, container, deploymentFaults, deploymentRules } from './hardening.ts'
import {
  at,
  changed,
  folder,
  manifestFiles,
  manifests,
  only,
  readYaml,
  type Obj,
  type Path,
  type Value,
  textOf,
} from './manifests.ts'
import { shapeFaults } from './shape.ts'

const all = manifests()
const deployment = only(all, 'Deployment')
const kinds = all.map(({ kind }) => textOf(kind)).toSorted()

describe('the manifests', () => {
  it('are of known kinds, with known fields of the right types', () => {
    expect(kinds).toEqual([
      'ClusterRole',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ])
    for (const object of all) expect(shapeFaults(object)).toEqual([])
  })

  it.each<[string, Path, Value, string]>([
    [
      'an object for a text',
      [...container, 'image'],
      { name: 'x' },
      '.spec.template.spec.containers[0].image is no string',
    ],
    [
      'a number for a quantity',
      [...container, 'resources', 'limits', 'cpu'],
      1,
      '.spec.template.spec.containers[0].resources.limits.cpu is no string',
    ],
    ['a misspelt field', ['spec', 'strategy'], { typ: 'Recreate' }, '.spec.strategy.typ is unknown'],
    [
      'a list that is none',
      [...container, 'args'],
      'serve',
      '.spec.template.spec.containers[0].args is no list',
    ],
  ])('are told apart from those with %s', (...[, path, value, fault]) => {
    expect(shapeFaults(changed(deployment, path, value))).toEqual([fault])
  })

  it('are all listed in the kustomization, and every listed file is there', () => {
    const { resources, configMapGenerator } = readYaml('kustomization.yaml')
    expect([...(resources as string[])].toSorted()).toEqual(manifestFiles.toSorted())
    const [generated] = configMapGenerator as Obj[]
    for (const file of at(generated, ['files']) as string[]) expect(existsSync(join(folder, file))).toBe(true)
  })

  it('refer to names that exist', () => {
    const volumes = at(deployment, ['spec', 'template', 'spec', 'volumes']) as Obj[]
    const named = (name: string) => volumes.find((volume) => volume['name'] === name)
    expect(at(named('state'), ['persistentVolumeClaim', 'claimName'])).toBe(nameOf('PersistentVolumeClaim'))
    const [generated] = readYaml('kustomization.yaml')['configMapGenerator'] as Obj[]
    expect(at(named('config'), ['configMap', 'name'])).toBe(generated?.['name'])
    const binding = only(all, 'RoleBinding')
    expect(at(binding, ['roleRef', 'name'])).toBe(nameOf('ClusterRole'))
    expect(at(binding, ['subjects', 0, 'name'])).toBe(nameOf('ServiceAccount'))
    const labels = at(deployment, ['spec', 'template', 'metadata', 'labels'])
    expect(at(deployment, ['spec', 'selector', 'matchLabels'])).toEqual(labels)
    expect(at(only(all, 'Service'), ['spec', 'selector'])).toEqual(labels)
    expect(at(only(all, 'Service'), ['spec', 'ports', 0, 'targetPort'])).toBe(
      at(deployment, [...container, 'ports', 0, 'name']),
    )
  })

  it('run the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as {
      version: string
    }
    expect(at(deployment, [...container, 'image'])).toBe(`firebreak:${version}`)
  })
})

function nameOf(kind: string): Value | undefined {
  return at(only(all, kind), ['metadata', 'name'])
}

describe('the hardening', () => {
  it('is complete', () => {
    expect(deploymentFaults(deployment)).toEqual([])
    expect(clusterFaults(all)).toEqual([])
  })

  it.each(deploymentRules.map(({ path }) => [path.join('.'), path] as const))(
    'is missed when %s is removed',
    (name, path) => {
      expect(deploymentFaults(changed(deployment, path))).toEqual([name])
    },
  )

  it.each<[string, Path, Value]>([
    ['privilege escalation', [...container, 'securityContext', 'allowPrivilegeEscalation'], true],
    [
      'a capability kept',
      [...container, 'securityContext', 'capabilities'],
      { drop: ['ALL'], add: ['NET_ADMIN'] },
    ],
    ['root', ['spec', 'template', 'spec', 'securityContext', 'runAsUser'], 0],
    [
      'an unconfined seccomp profile',
      ['spec', 'template', 'spec', 'securityContext', 'seccompProfile'],
      { type: 'Unconfined' },
    ],
    ['two replicas', ['spec', 'replicas'], 2],
    ['a rolling update', ['spec', 'strategy'], { type: 'RollingUpdate' }],
    ['no volumes', [...container, 'volumeMounts'], []],
    [
      'a path of the node',
      ['spec', 'template', 'spec', 'volumes', 0],
      { name: 'state', hostPath: { path: '/' } },
    ],
  ])('refuses %s', (_, path, value) => {
    expect(deploymentFaults(changed(deployment, path, value))).not.toEqual([])
  })

  it.each<[string, string, Path, Value | undefined]>([
    ['a token for every pod', 'ServiceAccount', ['automountServiceAccountToken'], undefined],
    ['a namespace that takes any pod', 'Namespace', ['metadata', 'labels'], {}],
    ['ingress from everywhere', 'NetworkPolicy', ['spec', 'ingress', 0, 'from'], undefined],
    ['ingress to every port', 'NetworkPolicy', ['spec', 'ingress', 0, 'ports'], undefined],
    ['egress to every port', 'NetworkPolicy', ['spec', 'egress', 1, 'ports'], undefined],
    ['egress to everywhere', 'NetworkPolicy', ['spec', 'egress', 0, 'to'], undefined],
    ['egress to instance metadata', 'NetworkPolicy', ['spec', 'egress', 1, 'to', 0, 'ipBlock', 'except'], []],
    ['a policy for one way only', 'NetworkPolicy', ['spec', 'policyTypes'], ['Ingress']],
    ['a policy for other pods', 'NetworkPolicy', ['spec', 'podSelector'], { matchLabels: { app: 'x' } }],
  ])('refuses %s', (...[, kind, path, value]) => {
    const others = all.filter((object) => object['kind'] !== kind)
    expect(clusterFaults([...others, changed(only(all, kind), path, value)])).toHaveLength(1)
  })

  it.each(['Secret', 'ClusterRoleBinding'])('refuses a %s', (kind) => {
    expect(clusterFaults([...all, { kind }])).toHaveLength(1)
  })
})
