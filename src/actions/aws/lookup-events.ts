import { z } from 'zod'
import { defineRead } from '../../core/action.ts'
import { accessKeyId } from '../../providers/aws/fields.ts'
import { aws } from '../../providers/aws/provider.ts'

const HOUR_MS = 3_600_000
/** CloudTrail's event history keeps 90 days and refuses an older start; the minute is for clocks that differ. */
const LONGEST_MS = 90 * 24 * HOUR_MS - 60_000

export const lookupEvents = defineRead({
  name: 'aws.lookup-events',
  title: 'List what an access key has done',
  effect: 'read',
  provider: aws,
  contract: 1,
  permissions: { plan: { aws: ['cloudtrail:LookupEvents'] }, apply: {} },
  input: z.strictObject({
    accessKeyId,
    hours: z.int().min(1).max(2160).default(24).describe('How far back to look; CloudTrail keeps 90 days'),
    // Two hundred events of this size stay below what one entry of the log may hold.
    limit: z.int().min(1).max(200).default(100).describe('How many events at most, the newest first'),
  }),
  output: z.strictObject({
    events: z
      .array(
        z.strictObject({
          id: z.string().describe('Id of the event'),
          time: z.string().describe('When (ISO 8601)'),
          name: z.string().describe('Operation that was called'),
          source: z.string().describe('Service that was called'),
          readOnly: z.boolean().describe('Whether the operation only reads'),
          region: z.string().optional().describe('Region'),
          sourceAddress: z.string().optional().describe('Address the call came from'),
          errorCode: z.string().optional().describe('Error the call got'),
        }),
      )
      .describe('Management events of the configured region, newest first; CloudTrail is some minutes late'),
    truncated: z.boolean().describe('Whether there are more events than the limit'),
  }),
  run: async ({ accessKeyId, hours, limit }, { client, signal }) => {
    const since = new Date(Date.now() - Math.min(hours * HOUR_MS, LONGEST_MS))
    const { events, truncated } = await client.trail.lookup({ accessKeyId, since, limit }, signal)
    return { events: [...events], truncated }
  },
})
