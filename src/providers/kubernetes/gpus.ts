import { type Container, PodSpecShape } from './shapes.ts'

/** Whole GPUs, shared ones and slices of one, as NVIDIA's device plugin names them. */
const GPU = /^nvidia\.com\/(gpu|gpu\.shared|mig-[\w.-]+)$/

/** Extended resources are whole numbers, and their request equals their limit; either may be given alone. */
function gpusOf({ resources: { limits, requests } }: Container): number {
  return Object.entries({ ...requests, ...limits })
    .filter(([name]) => GPU.test(name))
    .reduce((sum, [, amount]) => sum + (Number(amount) || 0), 0)
}

/** GPUs that one pod holds. Init containers run before the others, one at a time, so only the largest counts. */
export function gpusPerPod(spec: unknown): number {
  const { containers, initContainers } = PodSpecShape.parse(spec)
  const together = containers.reduce((sum, container) => sum + gpusOf(container), 0)
  return Math.max(together, ...initContainers.map(gpusOf))
}
