import type { Event } from '@aws-sdk/client-cloudtrail'
import { z } from 'zod'
import type { AwsConfig } from './config.ts'
import { calling } from './errors.ts'
import { lazy } from './lazy.ts'
import { clientOptions } from './options.ts'

/** What is taken of an event: never request or response parameters, which may hold anything. */
type TrailEvent = {
  readonly id: string
  readonly time: string
  readonly name: string
  readonly source: string
  readonly readOnly: boolean
  readonly region?: string
  readonly sourceAddress?: string
  readonly errorCode?: string
}

type Lookup = { readonly accessKeyId: string; readonly since: Date; readonly limit: number }

export type Trail = {
  /** Newest first. `truncated` when there are more than `limit`. */
  readonly lookup: (
    lookup: Lookup,
    signal: AbortSignal,
  ) => Promise<{ readonly events: readonly TrailEvent[]; readonly truncated: boolean }>
}

/** The most that LookupEvents gives at once. */
const PAGE = 50

export function trailOf(config: AwsConfig): Trail {
  const cloudTrail = lazy(async () => {
    const sdk = await import('@aws-sdk/client-cloudtrail')
    return { sdk, client: new sdk.CloudTrailClient(clientOptions(config).reading) }
  })
  return {
    lookup: async ({ accessKeyId, since, limit }, signal) => {
      const { sdk, client } = await cloudTrail()
      const events: Event[] = []
      let token: string | undefined
      do {
        const command = new sdk.LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'AccessKeyId', AttributeValue: accessKeyId }],
          StartTime: since,
          MaxResults: PAGE,
          ...(token === undefined ? {} : { NextToken: token }),
        })
        const page = await calling('cloudtrail:LookupEvents', () =>
          client.send(command, { abortSignal: signal }),
        )
        // A server that gives a token with no events would keep us here.
        token = page.Events?.length === 0 ? undefined : page.NextToken
        events.push(...(page.Events ?? []))
      } while (token !== undefined && events.length < limit)
      const truncated = token !== undefined || events.length > limit
      return { events: events.slice(0, limit).map(eventOf), truncated }
    },
  }
}

/** The fields of the full record that are kept. All of it was written by whoever made the call: bounded, plain text. */
const Record = z.object({
  awsRegion: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  errorCode: z.string().optional(),
})

function eventOf(event: Event): TrailEvent {
  const { awsRegion, sourceIPAddress, errorCode } = recordOf(event.CloudTrailEvent)
  return {
    id: text(event.EventId),
    time: event.EventTime?.toISOString() ?? '',
    name: text(event.EventName),
    source: text(event.EventSource),
    readOnly: event.ReadOnly === 'true',
    ...(awsRegion === undefined ? {} : { region: text(awsRegion) }),
    ...(sourceIPAddress === undefined ? {} : { sourceAddress: text(sourceIPAddress) }),
    ...(errorCode === undefined ? {} : { errorCode: text(errorCode) }),
  }
}

function recordOf(json: string | undefined): z.infer<typeof Record> {
  try {
    return Record.safeParse(JSON.parse(json ?? '{}')).data ?? {}
  } catch {
    return {}
  }
}

function text(value: string | undefined): string {
  return (value ?? '').replace(/[^\x20-\x7E]/g, '?').slice(0, 100)
}
