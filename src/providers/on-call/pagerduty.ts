import { z } from 'zod'
import type { Clock, Members, OnCall } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { createGet, type Get, type NoAnswer, TIMEOUT_MS } from './get.ts'

export type PagerDutySettings = { readonly token: Secret; readonly url?: string }

/** The most that a page may have (developer.pagerduty.com, "Pagination"). */
const PAGE = 100
/** A schedule is listed once for each level of each escalation policy that names it. */
const MAX_PAGES = 10

/** A shift that has ended here and not there: the clocks differ, or it changes just now. */
const UNSETTLED_MS = 5000

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

/** Of a page of `GET /oncalls`, what is used. A person who is always on call by an escalation policy has no schedule. */
const Page = z.object({
  oncalls: z.array(
    z.object({
      user: z.object({ id: z.string() }),
      schedule: z.object({ id: z.string() }).nullish(),
      start: time.nullish(),
      end: time.nullish(),
    }),
  ),
  more: z.boolean(),
})
type Entry = z.infer<typeof Page>['oncalls'][number]

/**
 * PagerDuty, REST API v2, `GET /oncalls` (developer.pagerduty.com, "List all of the on-calls"): who is on call now, as
 * escalation policies compute it. It tells nobody for a schedule that no escalation policy names, or that does not exist.
 */
export function connectPagerDuty(settings: PagerDutySettings, clock: Clock): OnCall {
  const get = createGet({
    base: settings.url ?? 'https://api.pagerduty.com',
    headers: () => ({
      accept: 'application/vnd.pagerduty+json;version=2',
      authorization: `Token token=${settings.token.reveal()}`,
    }),
    patience: 'ratelimit-reset',
    missing: 'the address is wrong',
  })
  return {
    members: async (schedule) => {
      const entries = await entriesOf(schedule, get)
      return 'unknown' in entries ? entries : membersOf(entries.all, schedule, clock.now())
    },
  }
}

async function entriesOf(schedule: string, get: Get): Promise<{ readonly all: readonly Entry[] } | NoAnswer> {
  const all: Entry[] = []
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({
      'schedule_ids[]': schedule,
      time_zone: 'UTC',
      limit: String(PAGE),
      offset: String(page * PAGE),
    })
    // oxlint-disable-next-line no-await-in-loop -- whether there is another page stands in this one
    const answer = await get(`/oncalls?${query.toString()}`, signal)
    if ('unknown' in answer) return answer
    const { success, data } = Page.safeParse(answer.json)
    if (!success) return { unknown: 'it answers something else than who is on call' }
    all.push(...data.oncalls)
    if (!data.more) return { all }
  }
  return { unknown: `it lists more than ${MAX_PAGES * PAGE} entries of this schedule` }
}

function membersOf(all: readonly Entry[], schedule: string, now: number): Members {
  const entries = all.filter((entry) => entry.schedule?.id === schedule)
  const current = entries.filter(({ start, end }) => (start ?? now) <= now && now < (end ?? Infinity))
  const members = [...new Set(current.map(({ user }) => user.id))]
  const until = Math.min(...entries.map((entry) => nextChange(entry, now)))
  return until === Infinity ? { members } : { members, until }
}

/** When this entry comes to count, or counts no more. Without an end the user does not go off call. */
function nextChange({ start, end }: Entry, now: number): number {
  if ((start ?? now) > now) return start ?? now
  const ends = end ?? Infinity
  return ends > now ? ends : now + UNSETTLED_MS
}
