import { z } from 'zod'
import type { Workload } from './workloads.ts'

const Version = z.string().regex(/^[^/]+\/\d+$/)

/**
 * The version of a change: the resource version makes the write conditional; the generation tells a probe whether the
 * spec was changed since, and how often.
 */
export function versionOf({ resourceVersion, generation }: Workload): string {
  return `${resourceVersion}/${generation}`
}

export function readVersion(version: string | undefined): { resourceVersion: string; generation: number } {
  const [resourceVersion = '', generation = ''] = Version.parse(version).split('/')
  return { resourceVersion, generation: Number(generation) }
}

/**
 * The spec is as it was before our change. One change and its reversal raise the generation twice; then somebody has
 * undone ours. Otherwise ours never came.
 */
export function absentOrUndone(workload: Workload, version: string | undefined): 'absent' | 'changed' {
  return workload.generation >= readVersion(version).generation + 2 ? 'changed' : 'absent'
}
