import type { Alert } from '../core/alert.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Gate } from '../core/plan.ts'
import type { ApproveRule } from '../core/playbook.ts'
import type * as Rules from '../core/rules.ts'
import { evaluateTemplate, type Template } from '../expr/index.ts'

type Route = Rules.Route<Template>
type RouteInput = Rules.RouteInput<Template>

/** What is done about an alert, always with a reason (P13). */
export type RouteDecision =
  | { readonly decision: 'ignore'; readonly reason: string; readonly route?: string }
  | {
      readonly decision: 'auto' | 'propose'
      readonly reason: string
      readonly route: string
      readonly playbook: string
      /** Not yet checked. An input whose optional expression is absent is left out: the playbook's default counts. */
      readonly inputs: JsonObject
      /** Over the whole plan: always for `propose`, for `auto` where the route says so. */
      readonly approve?: ApproveRule
      readonly gate?: Gate
    }

/** A *propose* route that names nobody asks one approver within half an hour. */
const DEFAULT_APPROVE: ApproveRule = { from: 'approver', count: 1, withinMs: 30 * 60_000 }

/** The first route that matches decides. A resolved alert starts nothing; without a match nothing starts. */
export function decide(alert: Alert, routes: readonly Route[]): RouteDecision {
  if (alert.status === 'resolved') return { decision: 'ignore', reason: 'the alert is resolved' }
  const route = routes.find((candidate) => matches(alert, candidate))
  if (route === undefined) return { decision: 'ignore', reason: `no route of ${alert.source} matches` }
  if (route.mode === 'ignore') {
    return { decision: 'ignore', reason: `route ${route.name} says ignore`, route: route.name }
  }
  const approve = route.approve ?? (route.mode === 'propose' ? DEFAULT_APPROVE : undefined)
  return {
    decision: route.mode,
    reason: `route ${route.name} matches`,
    route: route.name,
    playbook: route.playbook,
    inputs: inputsOf(alert, route.inputs),
    ...(approve === undefined ? {} : { approve, gate: { scope: 'run', ...approve } }),
  }
}

function matches(alert: Alert, route: Route): boolean {
  if (route.source !== alert.source) return false
  return Object.entries(route.match).every(([label, values]) => {
    const value = own(alert.labels, label)
    return value !== undefined && values.includes(value)
  })
}

function inputsOf(alert: Alert, inputs: { readonly [name: string]: RouteInput }): JsonObject {
  const values = { alert: visible(alert) }
  const entries = Object.entries(inputs).flatMap(([name, input]): [string, Json][] => {
    const value = valueOf(input, values)
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(entries)
}

/** What expressions see of an alert. Its shape is declared where routes are checked (config/routes.ts). */
function visible({ source, name, status, severity, labels, annotations, startsAt }: Alert): JsonObject {
  return { source, name, status, severity: severity ?? '', labels, annotations, startsAt }
}

function valueOf(input: RouteInput, values: { alert: JsonObject }): Json | undefined {
  switch (input.kind) {
    case 'value':
      return input.value
    case 'list':
      return input.items.map((item) => valueOf(item, values) ?? null)
    case 'template':
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the scope holds JSON only, and so does the result
      return evaluateTemplate(input.template, values) as Json | undefined
  }
}

/** Labels are named by whoever made the alert: `constructor` must not be found in the prototype. */
function own(record: { readonly [key: string]: string }, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
