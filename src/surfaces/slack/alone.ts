import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { RunState } from '../../core/run.ts'
import { section } from './block.ts'
import { prose } from './text.ts'
import { clock } from './words.ts'

/** The mark of a run in which one person acted alone, as a clause of a sentence; empty for any other. */
export function alone({ review }: RunState): string {
  if (review === undefined) return ''
  const { by, reason, reviewed } = review
  const fate =
    reviewed === undefined
      ? 'review due'
      : `reviewed by ${prose(reviewed.person, 60)}: ${prose(reviewed.reason, 200)}`
  return `🔨 break-glass by ${prose(by, 60)}: ${prose(reason, 200)}, ${fate}`
}

/** The same for eyes, with the whole of both texts. */
export function aloneNote({ state: { review } }: RunView): readonly KnownBlock[] {
  if (review === undefined) return []
  const { by, reason, at, reviewed } = review
  const act = `🔨 *Break-glass by ${prose(by, 60)}* at ${clock(at)}: ${prose(reason, 1000)}`
  if (reviewed === undefined) return [section(`${act}\n*Review due*: somebody else looks at it and says so.`)]
  const { person, at: then, reason: found } = reviewed
  return [section(`${act}\n🔎 *Reviewed by ${prose(person, 60)}* at ${clock(then)}: ${prose(found, 1000)}`)]
}
