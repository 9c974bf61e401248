import type { Json } from '../../core/json.ts'

/** An entry of the log as a receiver gets it. */
export type SinkEntry = {
  /** The same for the same entry whenever it is sent, and another for an entry that took its place in a rewritten log. */
  readonly id: string
  readonly origin: string
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly run?: string
  readonly n?: number
  readonly step?: string
  readonly actor: Json
  /** Null once retention has deleted it. */
  readonly data: Json
  /** Hash of the leaf in the tree: what a receiver compares with the log. */
  readonly hash: string
}

/** An entry with the text by which this sink sends it. */
export type Parcel = { readonly entry: SinkEntry; readonly text: string }

/** An entry that the receiver will never take. */
export type Refusal = { readonly seq: number; readonly why: string }

/** Why the rest of a batch has to be sent again. Never the receiver's own words: they may repeat what was sent. */
export type Trouble = {
  readonly why: string
  /** How long the receiver wants to be left alone. */
  readonly afterMs?: number
  /** The request as a whole is too large: fewer entries may do. */
  readonly tooLarge?: boolean
}

export type Sent = {
  /** So many from the front of the batch are done: safely there, or among `refused`. */
  readonly accepted: number
  readonly refused?: readonly Refusal[]
  /** Set when `accepted` is not the whole batch. */
  readonly trouble?: Trouble
}

/**
 * Somewhere the log is copied to. `send` answers when the receiver has: an entry that may not have arrived is sent again
 * by the pump, so receivers see entries at least once, in order.
 */
export type Sink = {
  readonly name: string
  /** Where it goes, for people. */
  readonly place: string
  /** Most that one `send` gets: entries, and bytes of their texts. */
  readonly limits: { readonly entries: number; readonly bytes: number }
  readonly encode: (entry: SinkEntry) => string
  readonly send: (batch: readonly Parcel[], signal: AbortSignal) => Promise<Sent>
  readonly close: () => Promise<void>
}

/** Everything of this batch is there. */
export function all(batch: readonly Parcel[]): Sent {
  return { accepted: batch.length }
}
