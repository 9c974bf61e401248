import type { Fact } from '../../../src/core/fact.ts'
import { humanOf } from './cast.ts'
import { ofType, type Past } from './past.ts'
import type { Schedule } from './schedule.ts'

const THAW_COUNT = 2
const THAW_WITHIN_MS = 30 * 60_000

/**
 * Two people lift a freeze: that one, and not one that was set after they had spoken. What is meant with the second word counts
 * as it was when its person began to say it.
 */
export function thawedTooEasily({ commits, times }: Schedule, { facts, cast }: Past): string[] {
  return commits.flatMap(({ facts: written, since, began, moment }) =>
    ofType(written, 'freeze.lifted').flatMap((lifted) => {
      const self = humanBehind(lifted)
      const before = facts.filter(({ seq }) => seq < lifted.seq)
      const last = before.findLastIndex(({ type }) => type === 'freeze.set')
      const words = ofType(before.slice(last + 1), 'thaw.asked').filter((word) => {
        const judged = humanBehind(word) === self ? began : since
        const inTime = Date.parse(word.time) > (times[judged] ?? 0) - THAW_WITHIN_MS
        return inTime && cast.had(humanBehind(word), 'approver', [judged, moment])
      })
      const humans = [...new Set(words.map(humanBehind))]
      return humans.length >= THAW_COUNT
        ? []
        : [`a freeze was lifted by ${humans.join(', ') || 'nobody'} alone`]
    }),
  )
}

function humanBehind({ actor }: Fact): string {
  return actor.kind === 'account' ? humanOf(actor.account) : 'nobody'
}

/** Nobody acts alone while it is due that somebody looks at another run in which that was done. */
export function unreviewed({ facts }: Past): string[] {
  return ofType(facts, 'approval.bypassed').flatMap((fact) => {
    const before = facts.filter(({ seq }) => seq < fact.seq)
    const due = ofType(before, 'approval.bypassed').find(
      (other) =>
        other.run !== fact.run &&
        !ofType(before, 'run.reviewed').some(({ run, seq }) => run === other.run && seq > other.seq),
    )
    return due === undefined
      ? []
      : [`somebody acted alone in ${fact.run} while the review of ${due.run} was due`]
  })
}

/** Whoever reviews is neither who acted alone nor who asked for the run. */
export function reviewedByThemselves({ commits }: Schedule, { facts, cast }: Past): string[] {
  return commits.flatMap(({ facts: written, since, moment }) =>
    ofType(written, 'run.reviewed').flatMap(({ run, seq, data }) => {
      const human = humanOf(data.account)
      const own = facts.some(
        (other) =>
          other.run === run &&
          other.seq < seq &&
          (other.type === 'approval.bypassed' || other.type === 'run.requested') &&
          humanBehind(other) === human,
      )
      const may = cast.had(human, 'approver', [since, moment])
      return own || !may ? [`${human} reviewed ${run}`] : []
    }),
  )
}
