import type { CheckedStep } from './checked.ts'
import type { Faults } from './faults.ts'
import type { Step } from './playbook.ts'

/**
 * Needs before what needs them (Kahn), in the order of the file otherwise. Steps that wait for each other come last, each
 * circle reported once, as a path.
 */
export function inOrder(steps: readonly Step[], faults: Faults): readonly Step[] {
  const known = new Set(steps.map(({ id }) => id))
  const done = new Set<string>()
  const ordered: Step[] = []
  let left = steps
  while (left.length > 0) {
    // What is refused already is not waited for.
    const ready = left.filter(({ needs }) => needs.every((need) => done.has(need) || !known.has(need)))
    if (ready.length === 0) break
    for (const { id } of ready) done.add(id)
    ordered.push(...ready)
    left = left.filter(({ id }) => !done.has(id))
  }
  for (const circle of circlesIn(left)) report(circle, faults)
  return [...ordered, ...left]
}

function report(circle: readonly string[], faults: Faults): void {
  const [first = ''] = circle
  faults.atKey(['steps', first], {
    code: 'playbook.cycle',
    message: `steps wait for each other: ${[...circle, first].join(' → ')}`,
    remedy: 'Remove one of the references or `after` entries between them.',
  })
}

/** One circle for each group of steps that wait for each other, from the first step of the file in it. */
function circlesIn(steps: readonly Step[]): readonly (readonly string[])[] {
  const needs = new Map(steps.map((step) => [step.id, step.needs]))
  const reported = new Set<string>()
  return steps.flatMap(({ id }) => {
    if (reported.has(id)) return []
    const circle = shortestCircle(id, needs)
    if (circle === undefined || circle.some((step) => reported.has(step))) return []
    for (const step of circle) reported.add(step)
    return [circle]
  })
}

/** Breadth first along what each step waits for, until a step is found that waits for the start. */
function shortestCircle(
  start: string,
  needs: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const from = new Map<string, string>()
  const queue = [start]
  for (const id of queue) {
    for (const need of needs.get(id) ?? []) {
      if (need === start) return pathTo(id, start, from)
      if (from.has(need)) continue
      from.set(need, id)
      queue.push(need)
    }
  }
  return undefined
}

function pathTo(end: string, start: string, from: ReadonlyMap<string, string>): readonly string[] {
  const path = [end]
  while (path[0] !== undefined && path[0] !== start) path.unshift(from.get(path[0]) ?? start)
  return path
}

/** For each step, every step that is over before it begins. What closes the run comes after its whole main part. */
export function beforeOf(steps: ReadonlyMap<string, CheckedStep>): (id: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>()
  const main = [...steps.values()].filter(({ step }) => !step.closing).map(({ id }) => id)
  return (id) => {
    const found = known.get(id) ?? closure(id, { steps, main })
    known.set(id, found)
    return found
  }
}

type All = { readonly steps: ReadonlyMap<string, CheckedStep>; readonly main: readonly string[] }

function closure(id: string, { steps, main }: All): ReadonlySet<string> {
  const own = steps.get(id)
  const seen = new Set(own?.step.closing === true ? main : [])
  const open = [id, ...seen]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const need of steps.get(next)?.step.needs ?? []) {
      if (seen.has(need)) continue
      seen.add(need)
      open.push(need)
    }
  }
  seen.delete(id)
  return seen
}
