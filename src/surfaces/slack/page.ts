import type { Message } from './block.ts'

/**
 * One message that should exist in Slack: `key` is its name within the run, for ever. `storm`: a reply in the thread of
 * the run's storm. `slow` ones change often, and are edited less often.
 */
export type Page = Message & {
  readonly key: string
  readonly place: 'channel' | 'thread' | 'storm'
  readonly slow?: true
}

/** What Slack should show, in the order in which it is posted; nothing goes before the first. */
export type Shown = {
  readonly pages: readonly Page[]
  /** No later fact can change any of it. */
  readonly final: boolean
}

export function page(key: string, place: Page['place'], message: Message): Page {
  return { key, place, ...message }
}
