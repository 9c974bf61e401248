import type { Json } from '../core/json.ts'
import type { Path } from '../core/yaml.ts'
import { checkTemplate, createScope, objectOf, type Scope, type Shape, string } from '../expr/index.ts'
import type { RouteConfig, RouteInput } from './config.ts'
import type { Fault } from './fault.ts'
import { approveOf, authorityOf } from './permissions.ts'
import type { ConfigFile } from './schema.ts'

const texts: Shape = { kind: 'record', key: string, value: string }

/** What expressions of a route see of an alert (core/alert.ts). An absent severity is an empty text. */
const alertShape = objectOf({
  source: string,
  name: string,
  status: { kind: 'string', enum: ['firing', 'resolved'] },
  severity: string,
  labels: texts,
  annotations: texts,
  startsAt: string,
})

type RouteEntry = ConfigFile['alerts']['routes'][number]

/** Turns the routes of the file into what decides about alerts, and checks the expressions of their inputs. */
export class RouteReader {
  readonly faults: Fault[] = []
  #scope: Scope | undefined

  read(route: RouteEntry, index: number): RouteConfig {
    const { name, source, mode, playbook, approve, authority } = route
    const wanted = Object.entries(route.match).map(([label, values]) => [label, [values].flat()])
    const base = { name, source, match: Object.fromEntries(wanted) }
    // A route that ignores starts nothing; one that starts something has a playbook (cross-check.ts).
    if (mode === 'ignore' || playbook === undefined) return { ...base, mode: 'ignore' }
    const path = ['alerts', 'routes', index, 'inputs']
    const inputs = Object.entries(route.inputs).map(([input, value]) => [
      input,
      this.#input(value, [...path, input]),
    ])
    return {
      ...base,
      mode,
      playbook,
      inputs: Object.fromEntries(inputs),
      ...(approve === undefined ? {} : { approve: approveOf(approve) }),
      ...(authority === undefined ? {} : { authority: authorityOf(authority) }),
    }
  }

  #input(value: Json, path: Path): RouteInput {
    if (isList(value)) {
      return { kind: 'list', items: value.map((item, index) => this.#input(item, [...path, index])) }
    }
    if (typeof value !== 'string') return { kind: 'value', value }
    // Most files have no routes with expressions: the language is set up for the first one only.
    this.#scope ??= createScope({ alert: alertShape })
    const checked = checkTemplate(value, this.#scope)
    if (checked.ok) return { kind: 'template', template: checked.template }
    const faults = checked.problems.map(({ code, message, remedy, start }) => ({
      code,
      message,
      remedy,
      path,
      index: start,
    }))
    this.faults.push(...faults)
    return { kind: 'value', value }
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
