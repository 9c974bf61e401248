import { AwsError } from './errors.ts'

export type Lock = { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly until: Date }

export type ObjectVersion = {
  readonly key: string
  readonly version: string
  readonly time: Date
  readonly text: string
  readonly lock?: Lock
  /** A delete marker: the object is not listed any more, its versions are there. */
  readonly marker?: true
}

type NewObject = Pick<ObjectVersion, 'key' | 'text' | 'lock'> & {
  /** Only where nothing of this name is there. */
  readonly ifNone: boolean
}

export type Objects = {
  readonly put: (bucket: string, object: NewObject) => ObjectVersion
  /** What is seen under each name, in the order of the names. */
  readonly current: (bucket: string) => readonly ObjectVersion[]
  readonly versions: (bucket: string) => readonly ObjectVersion[]
  readonly hide: (bucket: string, key: string) => void
}

/**
 * Buckets with versioning and object lock. As in the real ones a put over an object makes a newer version, and a delete
 * makes a marker: both hide a locked version, and neither ends it. So what a lock protects is the version; that the name
 * goes on showing it takes `If-None-Match: *` at every put, and nobody who may delete.
 */
export function createObjects(names: readonly string[], now: () => Date): Objects {
  const buckets = new Map(names.map((name) => [name, [] as ObjectVersion[]]))
  let count = 0
  const within = (bucket: string): ObjectVersion[] => {
    const found = buckets.get(bucket)
    if (found === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
    return found
  }
  const current = (bucket: string) => {
    const newest = new Map(within(bucket).map((version) => [version.key, version]))
    return [...newest.values()]
      .filter(({ marker }) => marker === undefined)
      .toSorted((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
  }
  const add = (bucket: string, object: Omit<ObjectVersion, 'version' | 'time'>): ObjectVersion => {
    const added = { ...object, version: `v${count++}`, time: now() }
    within(bucket).push(added)
    return added
  }
  return {
    current,
    versions: (bucket) => within(bucket),
    hide: (bucket, key) => void add(bucket, { key, text: '', marker: true }),
    put: (bucket, { ifNone, ...object }) => {
      if (ifNone && current(bucket).some(({ key }) => key === object.key)) {
        const text = 'At least one of the pre-conditions you specified did not hold'
        throw new AwsError('PreconditionFailed', text, 412)
      }
      return add(bucket, object)
    },
  }
}
