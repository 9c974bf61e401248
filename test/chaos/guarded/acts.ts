import type { BotParts } from '../../../src/bot/parts.ts'
import { actAlone } from '../../../src/bot/alone.ts'
import { cancel, decide } from '../../../src/bot/decide.ts'
import { freeze } from '../../../src/bot/freeze.ts'
import { review } from '../../../src/bot/review.ts'
import { thaw } from '../../../src/bot/thaw.ts'
import { withdraw } from '../../../src/bot/withdraw.ts'
import type { Account, Standing } from '../../../src/core/person.ts'
import type { ApprovalState, RunState } from '../../../src/core/run.ts'
import type { World } from '../explore/world.ts'
import type { Cast, Member, Signer } from './cast.ts'

/** What people and fate find when they act. */
export type Stage = {
  readonly cast: Cast
  readonly world: World
  readonly moment: () => number
  readonly now: () => number
  /** Time passes. */
  readonly pass: (ms: number) => void
  /** Those that have not ended. */
  readonly runs: () => readonly RunState[]
  /** Of the freeze that is set. */
  readonly frozenSince: () => number | undefined
  /** What somebody uses who decides. */
  readonly desk: (who: string) => BotParts
}

/** Something that somebody may do now; once for each key. */
export type Offer = {
  readonly name: string
  readonly key: string
  readonly go: () => Promise<unknown> | void
}
export type Act = (stage: Stage) => readonly Offer[]

/** Longer than what is known of a group counts as certain. */
const OVER_A_MINUTE_MS = 61_000
const HOUR_MS = 3_600_000

const evidence = { kind: 'slack', team: 'T0TEST', user: 'U0' } as const

function openIn({ approvals }: RunState): ApprovalState | undefined {
  return approvals.find(({ status }) => status === 'open')
}

type Clicking = {
  readonly name: string
  readonly account: (stage: Stage) => Account
  readonly decision?: 'approve' | 'reject'
  /** Which plan was on the screen; the one that waits, unless it says otherwise. */
  readonly digest?: (run: RunState) => string | undefined
}

function clicking({ name, account, decision = 'approve', digest }: Clicking): Act {
  return (stage) =>
    stage.runs().flatMap((run) => {
      const open = openIn(run)
      const shown = digest === undefined ? open?.digest : digest(run)
      if (open === undefined || shown === undefined) return []
      const { request } = open
      const said = { run: run.id, request, digest: shown, decision, by: account(stage), evidence }
      const words = `${name} ${run.id}`
      return [{ name: words, key: `${name} ${request}`, go: () => decide(stage.desk(words), said) }]
    })
}

export function approves(who: string): Act {
  return clicking({ name: `${who} approves`, account: ({ cast }) => cast.click(who) })
}

export function signs(who: Signer): Act {
  return clicking({ name: `${who} signs an approval of`, account: ({ cast }) => cast.signature(who) })
}

export function rejects(who: string): Act {
  return clicking({ name: `${who} rejects`, account: ({ cast }) => cast.click(who), decision: 'reject' })
}

/** With an old message on the screen. */
export function approvesFirstPlan(who: string): Act {
  return clicking({
    name: `${who} approves the first plan of`,
    account: ({ cast }) => cast.click(who),
    digest: firstDigest,
  })
}

function firstDigest({ approvals: [first, second] }: RunState): string | undefined {
  return second === undefined ? undefined : first?.digest
}

/** What somebody does about each run of which this holds. */
function about(
  name: string,
  holds: (run: RunState) => boolean,
  go: (stage: Stage, run: RunState) => Promise<unknown>,
): Act {
  return (stage) =>
    stage
      .runs()
      .filter(holds)
      .map((run) => ({ name: `${name} ${run.id}`, key: `${name} ${run.id}`, go: () => go(stage, run) }))
}

export function withdraws(who: Member): Act {
  const name = `${who} withdraws from`
  const hasGiven = ({ approvals }: RunState) =>
    approvals.some(({ given }) => given.some(({ person }) => person === who))
  return about(name, hasGiven, (stage, { id: run }) =>
    withdraw(stage.desk(`${name} ${run}`), {
      run,
      by: stage.cast.click(who),
      reason: 'changed my mind',
      evidence,
    }),
  )
}

export function actsAlone(who: Member): Act {
  const name = `${who} acts alone in`
  return about(
    name,
    (run) => openIn(run) !== undefined,
    (stage, run) => {
      const { request = '', digest = '' } = openIn(run) ?? {}
      const wish = { run: run.id, by: stage.cast.click(who), reason: 'nobody else is awake', evidence }
      return actAlone(stage.desk(`${name} ${run.id}`), { ...wish, request, digest })
    },
  )
}

export function reviews(who: Member): Act {
  const name = `${who} reviews`
  return about(
    name,
    ({ review: due }) => due !== undefined && due.reviewed === undefined,
    (stage, { id: run }) =>
      review(stage.desk(`${name} ${run}`), {
        run,
        by: stage.cast.click(who),
        reason: 'it was right',
        evidence,
      }),
  )
}

export function cancels(who: Member): Act {
  const name = `${who} cancels`
  return about(
    name,
    ({ stop }) => stop === undefined,
    (stage, { id }) => cancel(stage.desk(`${name} ${id}`), id, { by: stage.cast.click(who), reason: 'stop' }),
  )
}

/** What was in doubt is looked after elsewhere, and what it held is free. */
export function endsParked(who: Member): Act {
  const name = `${who} ends`
  return about(
    name,
    ({ status }) => status === 'parked',
    (stage, { id }) =>
      cancel(stage.desk(`${name} ${id}`), id, { by: stage.cast.click(who), reason: 'seen to' }),
  )
}

export function freezes(who: Member): Act {
  const name = `${who} freezes`
  return (stage) => [
    { name, key: name, go: () => freeze(stage.desk(name), { by: stage.cast.click(who), reason: 'stop' }) },
  ]
}

export function thaws(who: Member): Act {
  return thawing(`${who} thaws`, ({ cast }) => cast.click(who))
}

export function signsThaw(who: Signer): Act {
  return thawing(`${who} signs a thaw`, ({ cast }) => cast.signature(who))
}

function thawing(name: string, account: (stage: Stage) => Account): Act {
  return (stage) => {
    const since = stage.frozenSince()
    if (since === undefined) return []
    const wish = { by: account(stage), reason: 'go on', evidence }
    // Again, when an hour has passed: what was said then counts no more.
    const key = `${name} ${since} ${Math.floor(stage.now() / HOUR_MS)}`
    return [{ name, key, go: () => thaw(stage.desk(name), wish) }]
  }
}

/** What happens by itself, once; and then a minute passes. */
function fate(name: string, happens: (stage: Stage) => void): Act {
  return (stage) => [
    {
      name,
      key: name,
      go: () => {
        happens(stage)
        stage.pass(OVER_A_MINUTE_MS)
      },
    },
  ]
}

export function leaves(who: Member): Act {
  return fate(`${who} leaves the group`, ({ cast, moment }) => cast.leaves(who, moment()))
}

export function becomes(who: Member, standing: Standing): Act {
  return fate(`${who} is ${standing} now`, ({ cast, moment }) => cast.becomes(who, standing, moment()))
}

/** Somebody else has changed it. */
export function drifts(target: string): Act {
  return fate(`${target} is changed`, ({ world }) => world.change(target, { value: 'changed' }))
}

/** Its version is another one, and nothing else. */
export function isTouched(target: string): Act {
  return fate(`${target} is touched`, ({ world }) => world.change(target, {}))
}

export function isLabelled(target: string, labels: { readonly [label: string]: string }): Act {
  return fate(`${target} is labelled`, ({ world }) => world.change(target, { labels }))
}

export function timePasses(name: string, ms: number): Act {
  return fate(name, ({ pass }) => pass(ms))
}
