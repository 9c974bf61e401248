import { z } from 'zod'
import { AwsError } from './errors.ts'
import { operationsOf } from './operation.ts'
import { pageOf } from './paging.ts'
import type { TrailEvent } from './state.ts'
import type { WireObject } from './wire.ts'

const invalidCodes: { readonly [member: string]: string } = {
  LookupAttributes: 'InvalidLookupAttributesException',
  MaxResults: 'InvalidMaxResultsException',
  NextToken: 'InvalidNextTokenException',
  EventCategory: 'InvalidEventCategoryException',
}

const operation = operationsOf('cloudtrail', (member) => invalidCodes[member] ?? 'InvalidTimeRangeException')

/** Event history keeps 90 days. */
const HISTORY_MS = 90 * 24 * 3_600_000
const DEFAULT_PAGE = 50

const attributeKeys = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const
type AttributeKey = (typeof attributeKeys)[number]

export const cloudTrailOperations = {
  LookupEvents: operation('LookupEvents', {
    input: z.strictObject({
      LookupAttributes: z
        .array(
          z.strictObject({
            AttributeKey: z.enum(attributeKeys),
            AttributeValue: z.string().min(1).max(2000),
          }),
        )
        .optional(),
      StartTime: z.number().optional(),
      EndTime: z.number().optional(),
      MaxResults: z.number().int().min(1).max(50).optional(),
      NextToken: z.string().optional(),
    }),
    run: (input, { world: { state, now } }) => {
      const attributes = input.LookupAttributes ?? []
      if (attributes.length > 1) {
        throw new AwsError('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.')
      }
      const { start, end } = timeRange(input, now().getTime())
      const found = state.events
        .filter(({ time }) => time.getTime() >= start && time.getTime() <= end)
        .filter((event) =>
          attributes.every((a) => valuesOf(event, a.AttributeKey).includes(a.AttributeValue)),
        )
        .sort((a, b) => b.time.getTime() - a.time.getTime())
      const list = JSON.stringify([attributes, input.StartTime ?? null, input.EndTime ?? null])
      const page = pageOf(found, { list, size: input.MaxResults ?? DEFAULT_PAGE, token: input.NextToken })
      if (page === undefined) {
        throw new AwsError(
          'InvalidNextTokenException',
          'The token was used with other arguments, or is malformed.',
        )
      }
      return { Events: page.items.map(eventShape), NextToken: page.next }
    },
  }),
}

type Range = { readonly StartTime?: number | undefined; readonly EndTime?: number | undefined }

function timeRange({ StartTime, EndTime }: Range, now: number): { start: number; end: number } {
  const oldest = now - HISTORY_MS
  const start = StartTime === undefined ? oldest : StartTime * 1000
  const end = EndTime === undefined ? now : EndTime * 1000
  if (start > end || start < oldest) {
    const text = 'The start time is after the end time, or the range is outside the last 90 days.'
    throw new AwsError('InvalidTimeRangeException', text)
  }
  return { start, end }
}

function valuesOf(event: TrailEvent, key: AttributeKey): readonly (string | undefined)[] {
  switch (key) {
    case 'EventId':
      return [event.eventId]
    case 'EventName':
      return [event.eventName]
    case 'ReadOnly':
      return [String(event.readOnly)]
    case 'Username':
      return [event.userName]
    case 'EventSource':
      return [event.eventSource]
    case 'AccessKeyId':
      return [event.accessKeyId]
    case 'ResourceType':
      return event.resources.map(({ type }) => type)
    case 'ResourceName':
      return event.resources.map(({ name }) => name)
  }
}

function eventShape(event: TrailEvent): WireObject {
  return {
    EventId: event.eventId,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    AccessKeyId: event.accessKeyId,
    EventTime: event.time,
    EventSource: event.eventSource,
    Username: event.userName,
    Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: event.record,
  }
}
