import { z } from 'zod'
import type { Change } from '../../core/change.ts'
import type { Workload } from './workloads.ts'
import type { Seen } from './writes.ts'

const Version = z.string().regex(/^[^/]+\/\d+$/)

/**
 * The version of a change: resource version and generation make the write conditional; the generation also
 * tells a probe whether the spec was changed since, and how often.
 */
export function versionOf({ resourceVersion, generation }: Workload): string {
  return `${resourceVersion}/${generation}`
}

function read(version: string | undefined): { resourceVersion: string; generation: number } {
  const [resourceVersion = '', generation = ''] = Version.parse(version).split('/')
  return { resourceVersion, generation: Number(generation) }
}

/** What a write of this change expects to find. */
export function seenBy({ target, version }: Change): Seen {
  return { uid: target.id, ...read(version) }
}

/**
 * The spec is as it was before our change. One change and its reversal raise the generation twice; then somebody has
 * undone ours. Otherwise ours never came.
 */
export function absentOrUndone(workload: Workload, { version }: Change): 'absent' | 'changed' {
  return workload.generation >= read(version).generation + 2 ? 'changed' : 'absent'
}
