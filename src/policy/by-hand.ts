import type { Account, Person } from '../core/person.ts'
import type { StepState } from '../core/run.ts'
import { identify, type Permission, refusal } from './authority.ts'

/** Who may say that a step which is done by hand is done. */
export function peopleFor(who: string, people: readonly Person[]): readonly Person[] {
  return people.filter(({ roles }) => roles.includes(who))
}

type Saying = {
  readonly step: string
  /** The step, if it asks somebody now. */
  readonly open: StepState | undefined
  readonly account: Account
  readonly people: readonly Person[]
}

/**
 * Whether it counts that somebody says that a step is done: deny by default. Whoever asked for the run may say it too,
 * because it is the step's own read that decides.
 */
export function judgeDone({ step, open, account, people }: Saying): Permission {
  const known = identify(account, people)
  if (!known.allow) return known
  if (open?.asked === undefined) {
    return refusal({
      code: 'step.not-asked',
      message: `nobody is asked about ${step} now`,
      remedy: 'Look at the run: it shows which steps wait for a person.',
    })
  }
  const { who } = open.asked
  if (!known.person.roles.includes(who)) {
    return refusal({
      code: 'step.missing-role',
      message: `${known.person.name} has ${known.person.roles.join(', ') || 'no role'}; ${step} is done by a ${who}`,
      remedy: 'Ask a person with that role.',
    })
  }
  if (open.saidDone === undefined) return known
  return refusal({
    code: 'step.already-said',
    message: `${open.saidDone.person} has said so, and it is being looked at`,
    remedy: 'Wait a moment; if it is not done, the step asks again.',
  })
}
