import { z } from 'zod'

// Which Secrets, ConfigMaps and claims a pod cannot start without: only what names them is read.

const named = z.object({ name: z.string().optional() }).nullish()
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish()

const Container = z.object({
  env: list(z.object({ valueFrom: z.object({ secretKeyRef: named, configMapKeyRef: named }).nullish() })),
  envFrom: list(z.object({ secretRef: named, configMapRef: named })),
})

const Volume = z.object({
  secret: z.object({ secretName: z.string().optional() }).nullish(),
  configMap: named,
  persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
  projected: z.object({ sources: list(z.object({ secret: named, configMap: named })) }).nullish(),
})

export const MountsShape = z.object({
  containers: z.array(Container),
  initContainers: list(Container),
  volumes: list(Volume),
  imagePullSecrets: list(z.object({ name: z.string().optional() })),
})
type Mounts = z.infer<typeof MountsShape>

export type Mounted = {
  readonly kind: 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim'
  readonly name: string
}

/** Each once, in the order of kind and name. */
export function mountedBy(spec: Mounts): readonly Mounted[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const volumes = spec.volumes ?? []
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? [])
  const env = containers.flatMap((container) => container.env ?? []).map(({ valueFrom }) => valueFrom)
  const from = containers.flatMap((container) => container.envFrom ?? [])
  const names: { readonly [kind in Mounted['kind']]: readonly (string | undefined)[] } = {
    ConfigMap: [
      ...volumes.map(({ configMap }) => configMap?.name),
      ...sources.map(({ configMap }) => configMap?.name),
      ...env.map((value) => value?.configMapKeyRef?.name),
      ...from.map(({ configMapRef }) => configMapRef?.name),
    ],
    PersistentVolumeClaim: volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
    Secret: [
      ...volumes.map(({ secret }) => secret?.secretName),
      ...sources.map(({ secret }) => secret?.name),
      ...env.map((value) => value?.secretKeyRef?.name),
      ...from.map(({ secretRef }) => secretRef?.name),
      ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ],
  }
  return (['ConfigMap', 'PersistentVolumeClaim', 'Secret'] as const).flatMap((kind) =>
    [...new Set(names[kind])].flatMap((name) => (name === undefined ? [] : [{ kind, name }])),
  )
}
