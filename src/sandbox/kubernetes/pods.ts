import { DisruptionBudget, Pod } from './kinds.ts'
import { markDeleted } from './remove.ts'
import { subjectOf, writeOptions, type Answer, type Call, type Target } from './request.ts'
import { selectorOf } from './selector.ts'
import * as status from './status.ts'
import type { Store } from './store.ts'
import {
  at,
  isTerminating,
  nameOf,
  namespaceOf,
  numAt,
  objsAt,
  strAt,
  type Obj,
  type Value,
} from './value.ts'

export function isReady(pod: Obj): boolean {
  return (
    !isTerminating(pod) &&
    objsAt(pod, 'status', 'conditions').some((each) => each['type'] === 'Ready' && each['status'] === 'True')
  )
}

/** A count, or a percentage of the whole, as budgets and rolling updates write it. */
export function portion(value: Value | undefined, whole: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return 0
  const exact = (Number.parseFloat(value) * whole) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

export type Budget = { readonly healthy: number; readonly desired: number; readonly expected: number }

export function budgetOf(store: Store, budget: Obj): Budget {
  const matches = selectorOf(at(budget, 'spec', 'selector'))
  const pods = store.list(Pod, namespaceOf(budget)).filter(matches)
  const expected = pods.length
  const unavailable = at(budget, 'spec', 'maxUnavailable')
  const desired =
    unavailable === undefined
      ? portion(at(budget, 'spec', 'minAvailable'), expected, 'up')
      : expected - portion(unavailable, expected, 'up')
  return { healthy: pods.filter(isReady).length, desired, expected }
}

/** POST of an Eviction: a budget that allows no disruption answers 429, in a dry run too. */
export function evict(store: Store, target: Target, call: Call): Answer {
  const { dryRun } = writeOptions(call, 'CreateOptions')
  const pod = store.get(Pod, target.namespace, target.name ?? '')
  if (pod === undefined) throw status.notFound(subjectOf(target))
  for (const budget of store.list(DisruptionBudget, target.namespace)) {
    const { healthy, desired } = budgetOf(store, budget)
    if (!selectorOf(at(budget, 'spec', 'selector'))(pod) || healthy > desired) continue
    throw status.tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      reason: 'DisruptionBudget',
      message: `The disruption budget ${nameOf(budget)} needs ${desired} healthy pods and has ${healthy} currently`,
    })
  }
  const grace = numAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30
  if (!dryRun) store.replace(Pod, markDeleted(store, pod, grace))
  return { code: 201, body: { ...status.success(), code: 201 } }
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n').slice(0, -1)
  return lines
    .slice(-count)
    .map((line) => `${line}\n`)
    .join('')
}

function cut(whole: string, query: URLSearchParams): string {
  const [tail, limit] = [query.get('tailLines'), query.get('limitBytes')]
  const text = tail === null ? whole : lastLines(whole, Number(tail))
  return limit === null ? text : Buffer.from(text).subarray(0, Number(limit)).toString()
}

/** The log of a pod, as a kubelet would answer it: plain text. */
export function log(
  store: Store,
  target: Target,
  from: { call: Call; logs: ReadonlyMap<string, string> },
): Answer {
  const { query } = from.call
  const pod = store.get(Pod, target.namespace, target.name ?? '')
  if (pod === undefined) throw status.notFound(subjectOf(target))
  const containers = objsAt(pod, 'spec', 'containers').map((container) => strAt(container, 'name') ?? '')
  const container = query.get('container') ?? containers[0] ?? ''
  if (!containers.includes(container)) {
    throw status.badRequest(`container ${container} is not valid for pod ${target.name}`)
  }
  if (query.get('follow') === 'true') throw status.notModelled('following a log')
  if (query.get('previous') === 'true') {
    throw status.badRequest(`previous terminated container "${container}" in pod "${target.name}" not found`)
  }
  return { code: 200, body: cut(from.logs.get(`${target.namespace}/${target.name}`) ?? '', query) }
}
