import type { Fact, FactData, FactType } from '../../../core/fact.ts'
import { nameOf } from '../../../core/person.ts'
import { clean } from './clean.ts'
import { fieldsOf } from './plan.ts'
import { moment } from './time.ts'

type Describe = { readonly [T in FactType]: (data: FactData<T>) => string }

type Problem = { readonly code: string; readonly message: string }
const problem = ({ code, message }: Problem): string => `${code}: ${message}`
const reason = (data: { readonly reason: string }): string => data.reason
const nothing = (): string => ''

/** What a line says of each fact besides its type. The log itself has it all: `audit list --json`. */
const describe: Describe = {
  'log.opened': ({ origin, breakGlass }) =>
    breakGlass === undefined ? origin : `${origin} BREAK-GLASS: ${breakGlass.reason}`,
  'log.key-rotated': ({ key, previous }) => `${key} follows ${previous}`,
  'log.key-retired': ({ key }) => `${key} signs no more`,
  'config.loaded': ({ file, digest, playbooks }) =>
    `${file} ${digest}, ${Object.keys(playbooks).length} playbooks`,
  access: ({ what, by, to }) =>
    `${what}${to === undefined ? '' : ` into ${to}`}, by ${nameOf({ kind: 'account', account: by })}`,
  'audit.forgotten': ({ entries, runs, before }) =>
    `the data of ${entries} entries before ${moment(before)}, of ${runs.length} runs`,
  'log.moved': ({ to, size }) => `after ${size} entries to ${to}`,
  'run.requested': ({ mode, playbook, because }) => `${mode} of ${playbook.name} because of a ${because}`,
  'run.planned': ({ plan }) => `${plan.lines.length} lines, ${plan.digest}`,
  'run.succeeded': nothing,
  'run.failed': problem,
  'run.cancelled': reason,
  'run.rejected': reason,
  'run.expired': reason,
  'run.parked': problem,
  'run.cancel-requested': reason,
  'run.timed-out': nothing,
  'run.recovered': () => 'another process had left it in the middle',
  'run.held': reason,
  'run.released': reason,
  'run.resumed': ({ reason: why, answers }) =>
    [why, ...Object.entries(answers).map(([step, answer]) => `${step} is ${answer}`)].join('; '),
  'run.reviewed': ({ person, reason: found }) => `${person}: ${found}`,
  'approval.requested': ({ digest, expires }) => `${digest} until ${moment(expires)}`,
  'approval.given': ({ person, digest }) => `${person} for ${digest}`,
  'approval.rejected': ({ person, reason }) => `${person}: ${reason}`,
  'approval.withdrawn': ({ person, reason: why }) => `${person} takes it back: ${why}`,
  'approval.bypassed': ({ person, reason: why, told }) =>
    `BREAK-GLASS by ${person}: ${why} (told: ${told.join(', ') || 'nobody'})`,
  'approval.satisfied': nothing,
  'approval.expired': () => 'nobody answered in time',
  'approval.refused': ({ why }) => why,
  'approval.voided': ({ why }) => why,
  'step.expanded': ({ items }) => `${items.length} items`,
  'step.retrying': ({ tries, until, problem: why }) =>
    `try ${tries + 1} at ${moment(until)}, after ${problem(why)}`,
  'step.held': ({ why, until }) => `${why}${until === undefined ? '' : `, until ${moment(until)}`}`,
  'step.waiting': ({ until }) => `until ${moment(until)}`,
  'step.asked': ({ who, what, until }) =>
    `${who}: ${what}${until === undefined ? '' : `, until ${moment(until)}`}`,
  'step.said-done': ({ person }) => `says ${person}`,
  'step.not-closed': ({ why }) => why,
  'step.intended': ({ change }) => `${change.target.name}: ${fieldsOf(change).join(', ')}`,
  'step.applied': nothing,
  'step.probed': ({ verdict }) => verdict,
  'step.succeeded': nothing,
  'step.satisfied': () => 'already as wanted',
  'step.skipped': reason,
  'step.failed': problem,
  'step.in-doubt': problem,
  'containment.started': ({ until, onExpiry }) => `until ${moment(until)}, then ${onExpiry}`,
  'containment.announced': ({ until }) => `ends ${moment(until)}`,
  'containment.expired': nothing,
  'containment.asked': ({ why }) => why,
  'containment.lifting': ({ undo, by, reason }) =>
    by === 'expiry' ? `its time is over: run ${undo}` : `by run ${undo}: ${reason ?? ''}`,
  'containment.not-lifted': ({ undo, why }) => `run ${undo}: ${why}`,
  'containment.lifted': ({ undo }) => `by run ${undo}`,
  'containment.renewed': ({ until, reason: said }) => `until ${moment(until)}: ${said}`,
  'containment.kept': reason,
  'alert.decided': ({ name, decision, reason }) => `${name}: ${decision}: ${reason}`,
  'freeze.set': reason,
  'thaw.asked': ({ person, reason: why }) => `${person}: ${why}`,
  'freeze.lifted': ({ reason: why, by }) => (by === undefined ? why : `${by.join(' and ')}: ${why}`),
  'command.refused': ({ command, code, message }) => `${command}: ${code}: ${message}`,
  'notice.delivered': ({ channel }) => channel,
  'notice.failed': ({ channel, why }) => `${channel}: ${why}`,
}

function detailOf<T extends FactType>(fact: { readonly type: T; readonly data: FactData<T> }): string {
  return describe[fact.type](fact.data)
}

/** `2026-01-02 03:04:05Z  step.intended  disable  AKIA1: status: Active → Inactive  (firebreak)` */
export function factLine(fact: Fact): string {
  const who = fact.actor.kind === 'system' ? '' : `(${nameOf(fact.actor)})`
  const parts = [moment(fact.time), fact.type, fact.step ?? '', detailOf(fact), who]
  return clean(parts.filter((part) => part !== '').join('  '))
}
