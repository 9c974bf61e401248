import type { Firebreak } from '../core/app.ts'
import type { Config } from '../config/config.ts'
import type { FirebreakError } from '../core/errors.ts'
import { personOf } from '../policy/person.ts'

/** The bot while its journal cannot be reached: it knows who people are, and to all else it says why it does nothing. */
export function absentFirebreak({ people }: Pick<Config, 'people'>, why: () => FirebreakError): Firebreak {
  const refuse = (): Promise<never> => Promise.reject(why())
  const fail = (): never => {
    throw why()
  }
  return {
    playbooks: fail,
    playbook: fail,
    person: (account) => personOf(account, people),
    start: refuse,
    run: refuse,
    runs: refuse,
    facts: refuse,
    log: refuse,
    decide: refuse,
    done: refuse,
    cancel: refuse,
    resume: refuse,
    undo: refuse,
    containments: refuse,
    renew: refuse,
    lift: refuse,
    keep: refuse,
    hold: refuse,
    release: refuse,
    ...authority(refuse),
    challenge: refuse,
    signed: refuse,
    alert: refuse,
    audit: { verify: refuse, list: refuse, export: refuse, accessed: refuse, checkpoint: refuse },
    subscribe: () => () => undefined,
    // Nothing is lost: what waits for people lies in the journal.
    outbox: { pending: async () => [], delivered: refuse, failed: refuse },
    memo: { get: refuse, set: refuse },
  }
}

function authority<T>(refuse: T): {
  readonly [K in 'freeze' | 'thaw' | 'frozen' | 'guardrails' | 'withdraw' | 'breakGlass' | 'review']: T
} {
  return {
    freeze: refuse,
    thaw: refuse,
    frozen: refuse,
    guardrails: refuse,
    withdraw: refuse,
    breakGlass: refuse,
    review: refuse,
  }
}
