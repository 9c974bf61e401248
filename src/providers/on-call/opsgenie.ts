import { z } from 'zod'
import type { OnCall } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { createGet, TIMEOUT_MS } from './get.ts'

export type OpsgenieSettings = { readonly key: Secret; readonly url?: string }

/** Of the answer, what is used. The schedule is named in it, so that another answer is not taken for this one. */
const Answer = z.object({
  data: z.object({
    _parent: z.object({ id: z.string(), enabled: z.boolean() }),
    onCallRecipients: z.array(z.string()),
  }),
})

/**
 * Opsgenie, `GET /v2/schedules/{id}/on-calls` (docs.opsgenie.com, "Who is on Call API"): the user names of those who are
 * on call now. It does not say until when.
 */
export function connectOpsgenie(settings: OpsgenieSettings): OnCall {
  const get = createGet({
    base: settings.url ?? 'https://api.opsgenie.com',
    headers: () => ({ accept: 'application/json', authorization: `GenieKey ${settings.key.reveal()}` }),
    patience: 'x-ratelimit-period-in-sec',
    missing: 'it has no such schedule, or the address is wrong',
  })
  return {
    members: async (schedule) => {
      const path = `/v2/schedules/${encodeURIComponent(schedule)}/on-calls?scheduleIdentifierType=id&flat=true`
      const answer = await get(path, AbortSignal.timeout(TIMEOUT_MS))
      if ('unknown' in answer) return answer
      const { success, data } = Answer.safeParse(answer.json)
      if (!success || data.data._parent.id !== schedule)
        return { unknown: 'it answers something else than who is on call' }
      const { _parent: parent, onCallRecipients: names } = data.data
      // Nobody is called by a schedule that is switched off.
      return { members: parent.enabled ? names.map((name) => name.toLowerCase()) : [] }
    },
  }
}
