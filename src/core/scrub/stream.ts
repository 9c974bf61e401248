import { mayGoOn } from './known.ts'
import { findAll, scrub } from './scrub.ts'

/** A text that comes in pieces. What may be the beginning of a secret is kept until the rest of it is there. */
export type ScrubStream = {
  /** Takes a piece and gives what is complete: whole lines. */
  readonly push: (piece: string) => string
  /** Gives the begun line too, but for an end that a known secret may begin with. */
  readonly flush: () => string
  /** Gives everything. */
  readonly end: () => string
}

/** A line or a private key that is longer is let go in parts. */
const MOST_HELD = 256 * 1024

const BEGIN = '-----BEGIN '

export function createScrubStream(scrubbed: (text: string) => string = scrub): ScrubStream {
  let held = ''
  const give = (end: number): string => {
    const text = held.slice(0, end)
    held = held.slice(end)
    return scrubbed(text)
  }
  return {
    push: (piece) => {
      held += piece
      const lines = held.lastIndexOf('\n') + 1
      return give(complete(held, held.length > MOST_HELD ? partOf(held) : lines))
    },
    flush: () => give(complete(held, held.length)),
    end: () => give(held.length),
  }
}

/** Longest that a word, or the value of a field, is taken to be. */
const LONGEST_WORD = 64 * 1024

/** A line that is let go in parts is cut between its words: nobody would recognise the two halves of a secret. */
function partOf(text: string): number {
  const least = text.length - LONGEST_WORD
  const [field, word] = [text.lastIndexOf(','), text.search(/\s\S*$/)]
  if (field > least) return field + 1
  return word > least ? word + 1 : text.length
}

/** How much of the first `end` characters no later character can make part of a secret. */
function complete(text: string, end: number): number {
  const begin = text.lastIndexOf(BEGIN, end)
  const open = begin >= 0 && text.length <= MOST_HELD && text.indexOf('-----END ', begin) < 0
  const ready = text.slice(0, open ? begin : end)
  const cut = mayGoOn(ready)
  if (cut === ready.length) return cut
  // What may begin a secret may also be the end of another, which is not to be cut in two.
  const across = findAll(ready, true).filter((finding) => finding.start < cut && cut < finding.end)
  return Math.min(cut, ...across.map(({ start }) => start))
}
