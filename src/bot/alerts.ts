import type { Alert, AlertDecision, AlertOutcome } from '../core/alert.ts'
import { sha256Hex } from '../core/canonical.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { NewFact } from '../core/fact.ts'
import { parseAlertmanager } from '../alerts/alertmanager.ts'
import { readBody } from '../alerts/body.ts'
import { onceFor } from '../alerts/dedupe.ts'
import { decide, type RouteDecision } from '../alerts/route.ts'
import type { Json } from '../core/json.ts'
import type { Actor } from '../core/person.ts'
import type { Asker } from '../policy/decision.ts'
import { commit, cut, recorded, type BotParts } from './parts.ts'
import { pointsOf } from './points.ts'
import { newRunId, playbookNamed, requestFact, startedBy } from './start.ts'

type Parse = (body: Json, arrival: { source: string; at: string }) => readonly Alert[]

/** How each source's payload becomes alerts. */
const parsers: { readonly [source: string]: Parse } = { alertmanager: parseAlertmanager }

/** Labels are kept in the log, but not without limit. */
const MAX_LABELS = 40
const MAX_LABEL_LENGTH = 300
/** Of all labels as JSON, where a character may take six bytes: an entry of the log holds 60 KiB. */
const MAX_LABEL_BYTES = 40_000

/** Decides about each alert of a body, records every decision, starts what a route allows (P13). */
export async function receive(
  parts: BotParts,
  source: string,
  body: Uint8Array,
): Promise<readonly AlertOutcome[]> {
  const at = new Date(parts.clock.now()).toISOString()
  const digest = sha256Hex(body)
  const attempt = {
    command: `alerts, body sha256:${digest}`,
    account: { via: 'alert', source: cut(source, 80) },
  } as const
  const alerts = await recorded(parts, attempt, async () => read(source, body, at))
  return Promise.all(alerts.map((alert) => handle(parts, alert, { at, digest })))
}

function read(source: string, body: Uint8Array, at: string): readonly Alert[] {
  const parse = Object.hasOwn(parsers, source) ? parsers[source] : undefined
  if (parse !== undefined) return parse(readBody(body), { source, at })
  throw new FirebreakError('alert.unknown-source', `There is no source ${cut(source, 80)}`, {
    remedy: `The sources are: ${Object.keys(parsers).join(', ')}.`,
  })
}

type Arrival = { readonly at: string; readonly digest: string }
type Decided = {
  readonly decision: AlertDecision
  readonly reason: string
  readonly route?: string
  readonly run?: string
}

async function handle(parts: BotParts, alert: Alert, arrival: Arrival): Promise<AlertOutcome> {
  const routed = decide(alert, parts.config.alerts.routes)
  const decided = routed.decision === 'ignore' ? routed : await startRouted(parts, alert, { routed, arrival })
  // A run's own decision is written in the transaction that begins the run.
  if (!('run' in decided)) await commit(parts, { facts: [decisionFact(alert, arrival, decided)] })
  const { decision, reason } = decided
  const run = 'run' in decided ? decided.run : undefined
  return { fingerprint: alert.fingerprint, decision, reason, ...(run === undefined ? {} : { run }) }
}

type Routed = Exclude<RouteDecision, { decision: 'ignore' }>

async function startRouted(
  parts: BotParts,
  alert: Alert,
  { routed, arrival }: { routed: Routed; arrival: Arrival },
): Promise<Decided> {
  const { route } = routed
  try {
    return await commitStart(parts, alert, { routed, arrival })
  } catch (error) {
    if (isFirebreakError(error, 'store.already-seen')) {
      return { decision: 'duplicate', reason: 'this alert has started a run before', route }
    }
    if (!(error instanceof FirebreakError) || error.code.startsWith('store.')) throw error
    return { decision: 'refused', reason: cut(`${error.code}: ${error.message}`, 1000), route }
  }
}

async function commitStart(
  parts: BotParts,
  alert: Alert,
  { routed, arrival }: { routed: Routed; arrival: Arrival },
): Promise<Decided> {
  const playbook = playbookNamed(parts, routed.playbook)
  const inputs = playbook.parseInputs(routed.inputs)
  // So that whoever is asked is shown at once.
  await parts.authorities.refresh()
  const gates = startedBy(parts, askerOf(parts, routed.route), pointsOf(parts, playbook))
  const run = newRunId()
  const actor: Actor = { kind: 'account', account: { via: 'alert', source: alert.source } }
  const { decision, reason, route, gate } = routed
  const decided = { decision, reason, route, run }
  const request = requestFact(parts, run, {
    playbook,
    inputs,
    mode: 'run',
    actor,
    alert: alert.fingerprint,
    route,
    ...(gate ? { gate } : {}),
    ...(gates.length === 0 ? {} : { gates }),
  })
  await commit(parts, {
    facts: [decisionFact(alert, arrival, decided), request],
    guards: { once: onceFor(alert, arrival.at) },
  })
  parts.driver.take(run)
  return decided
}

/** An alert acts with the authority that its route was given, and no more. */
function askerOf({ config }: BotParts, name: string): Asker {
  const route = config.alerts.routes.find((candidate) => candidate.name === name)
  const authority = route !== undefined && route.mode !== 'ignore' ? route.authority : undefined
  return { kind: 'route', name, ...(authority === undefined ? {} : { authority }) }
}

function decisionFact(alert: Alert, { digest }: Arrival, decided: Decided): NewFact {
  const { source, fingerprint, status, name } = alert
  return {
    type: 'alert.decided',
    actor: { kind: 'account', account: { via: 'alert', source } },
    data: {
      source,
      fingerprint: cut(fingerprint, MAX_LABEL_LENGTH),
      status,
      name: cut(name, MAX_LABEL_LENGTH),
      labels: keptLabels(alert),
      body: digest,
      ...decided,
    },
  }
}

/** The first labels, as far as they fit into an entry of the log: no alert goes unrecorded for its size. */
function keptLabels({ labels }: Alert): { [label: string]: string } {
  let left = MAX_LABEL_BYTES
  const kept = Object.entries(labels)
    .slice(0, MAX_LABELS)
    .map(([key, value]) => [cut(key, MAX_LABEL_LENGTH), cut(value, MAX_LABEL_LENGTH)] as const)
    .filter((label) => {
      left -= Buffer.byteLength(JSON.stringify(label))
      return left >= 0
    })
  return Object.fromEntries(kept)
}
