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
  'log.opened': ({ origin }) => origin,
  'run.requested': ({ mode, playbook, because }) => `${mode} of ${playbook.name} because of a ${because}`,
  'run.planned': ({ plan }) => `${plan.lines.length} lines, ${plan.digest}`,
  'run.succeeded': nothing,
  'run.failed': problem,
  'run.cancelled': reason,
  'run.rejected': reason,
  'run.expired': reason,
  'run.parked': problem,
  'run.cancel-requested': reason,
  'approval.requested': ({ digest, expires }) => `${digest} until ${moment(expires)}`,
  'approval.given': ({ person, digest }) => `${person} for ${digest}`,
  'approval.rejected': ({ person, reason }) => `${person}: ${reason}`,
  'approval.satisfied': nothing,
  'approval.expired': () => 'nobody answered in time',
  'approval.refused': ({ why }) => why,
  'approval.voided': ({ why }) => why,
  'step.expanded': ({ items }) => `${items.length} items`,
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
  'alert.decided': ({ name, decision, reason }) => `${name}: ${decision}: ${reason}`,
  'freeze.set': reason,
  'freeze.lifted': reason,
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
