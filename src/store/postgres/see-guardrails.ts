import type { Client, QueryConfig } from 'pg'
import { z } from 'zod'
import { sinceOf } from '../over.ts'
import { Count } from './counts.ts'
import { Claim, listOf } from './listed.ts'
import type { GuardrailNeeds } from './needs.ts'
import { Wait } from './waits.ts'

export const SeenGuardrails = z.object({
  counts: listOf(Count),
  waits: listOf(Wait),
  /** Steps whose effect stays for a time. */
  contained: listOf(z.object({ run: z.string(), step: z.string() })),
  reviews: listOf(z.string()),
})
export type SeenGuardrails = z.infer<typeof SeenGuardrails>

export const nothingSeen: SeenGuardrails = { counts: [], waits: [], contained: [], reviews: [] }

/**
 * Of a run that does something all its waits, which are few; of a guardrail only what still counts, by its own window.
 * `offset 0` keeps the planner from joining whole tables.
 */
const SEE = `select
  (select json_agg(w) from firebreak.waits w where run = any ($1::text[]) or key = any ($6::text[])) as waits,
  (select json_agg(json_build_object('run', run, 'step', step)) from firebreak.containments
    where run = any ($1::text[])) as contained,
  (select json_agg(c) from (
    select * from firebreak.counts where run = any ($1::text[]) and step = any ($2::text[])
    union all select * from firebreak.counts where run = any ($3::text[]) and open
    union all select * from firebreak.counts where run = any ($4::text[])
    union all select * from firebreak.counts where key = any ($5::text[]) and open
    union all select c.* from unnest($6::text[], $7::text[]) k (key, since), lateral (
      select * from firebreak.counts where key = k.key and at > k.since offset 0) c
    union all select c.* from unnest($8::text[], $9::text[]) k (key, since), lateral (
      select * from firebreak.counts where key = k.key and failed_at > k.since offset 0) c) c) as counts,
  (select json_agg(run) from firebreak.reviews where $10) as reviews`

/** Undefined where nothing of it is needed. `now` is not later than the log will say. */
export function seeGuardrails(needs: readonly GuardrailNeeds[], now: number): QueryConfig | undefined {
  const { steps, ending, undone, counts, reviews } = gather(needs)
  if ([steps, ending, undone, counts].every(({ length }) => length === 0) && !reviews) return undefined
  const time = new Date(now).toISOString()
  const windows = counts.map((count) => ({ ...count, since: sinceOf(count, time) }))
  const open = windows.filter(({ of, since }) => of === 'taken' && since === undefined)
  const recent = windows.filter(({ of, since }) => of === 'taken' && since !== undefined)
  const failed = windows.filter(({ of }) => of === 'failed')
  const values = [
    [...steps.map(({ run }) => run), ...ending],
    steps.map(({ step }) => step),
    ending,
    undone,
    open.map(({ key }) => key),
    recent.map(({ key }) => key),
    recent.map(({ since }) => since),
    failed.map(({ key }) => key),
    failed.map(({ since = '' }) => since),
    reviews,
  ]
  return { name: 'firebreak-see-guardrails', text: SEE, values }
}

function gather(needs: readonly GuardrailNeeds[]): Required<Omit<GuardrailNeeds, 'claims'>> {
  return {
    steps: needs.flatMap(({ steps = [] }) => steps),
    ending: needs.flatMap(({ ending = [] }) => ending),
    undone: needs.flatMap(({ undone = [] }) => undone),
    counts: needs.flatMap(({ counts = [] }) => counts),
    reviews: needs.some(({ reviews = false }) => reviews),
  }
}

export const SeenCircle = z.object({ waits: listOf(Wait), claims: listOf(Claim) })
export type SeenCircle = z.infer<typeof SeenCircle>

/** From whoever wants a target or has it to all whom these wait for. */
const SEE_CIRCLE = `with recursive reach (run) as (
  select unnest($1::text[])
  union select run from firebreak.claims where target = any ($2::text[])
  union select c.run from reach r
    join firebreak.waits w on w.run = r.run join firebreak.claims c on c.target = w.key
), waiting as (
  select w.* from reach join firebreak.waits w using (run)
) select
  (select json_agg(w) from waiting w) as waits,
  (select json_agg(c) from firebreak.claims c where target in (select key from waiting)) as claims`

/**
 * Who waits for whom, where a target that is wanted is another's, or is wanted by two: then a circle may close. It is one
 * more round trip, of those alone that have to wait. Whether a circle closes is decided with what this transaction changes.
 */
export async function seeCircle(
  client: Client,
  claims: NonNullable<GuardrailNeeds['claims']>,
  holders: readonly z.infer<typeof Claim>[],
): Promise<SeenCircle> {
  const known = new Map(holders.map(({ target, run }) => [target, run]))
  const contested = claims.some(({ target, run }) => {
    const first = known.get(target) ?? run
    known.set(target, first)
    return first !== run
  })
  if (!contested) return { waits: [], claims: [] }
  const values = [claims.map(({ run }) => run), claims.map(({ target }) => target)]
  const { rows } = await client.query({ name: 'firebreak-see-circle', text: SEE_CIRCLE, values })
  return SeenCircle.parse(rows[0])
}
