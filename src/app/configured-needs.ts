import type { Config, Setting } from '../config/config.ts'
import type { OwnNeed } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { keyIdOf } from '../providers/aws/options.ts'

type Configured = Pick<Config, 'providers' | 'audit'>

/** What the configuration itself names of what Firebreak lives on. It holds whether or not a system can be asked. */
export function configuredNeeds({ providers, audit }: Configured): readonly OwnNeed[] {
  const anchors = audit.anchors.flatMap((anchor) => (anchor.kind === 's3' ? [anchor] : []))
  const buckets = anchors.map(({ bucket, name }): OwnNeed => {
    return { id: `arn:aws:s3:::${bucket}`, name: bucket, why: `it is the anchor ${name} of the audit log` }
  })
  const keys = [...Object.values(providers.aws), ...anchors].flatMap((each) => accessKeyIn(each.credentials))
  const arns = Object.entries(providers.aws).flatMap(([instance, settings]) =>
    arnsIn(settings).map((id): OwnNeed => ({ id, why: `the settings of aws/${instance} name it` })),
  )
  return [...keys.map((id) => ({ id, why: 'Firebreak signs with this key' })), ...arns, ...buckets]
}

function accessKeyIn(credentials: unknown): string[] {
  if (typeof credentials !== 'object' || credentials === null || !('accessKeyId' in credentials)) return []
  const { accessKeyId } = credentials
  return typeof accessKeyId === 'string' || accessKeyId instanceof Secret ? [keyIdOf(accessKeyId)] : []
}

function arnsIn(setting: Setting): string[] {
  if (typeof setting === 'string') return setting.startsWith('arn:') ? [setting] : []
  if (typeof setting !== 'object' || setting === null || setting instanceof Secret) return []
  return Object.values(setting).flatMap((inner: Setting) => arnsIn(inner))
}
