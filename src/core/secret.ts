import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'
import { makeKnown } from './scrub/known.ts'

const SHOWN = '[secret]'

/** What a fingerprint is made over, so that the key of an installation can serve other ends too. */
const PURPOSE = 'firebreak secret fingerprint v1\0'

/**
 * A value that must not leave (P9). It prints, serialises, compares and logs as `[secret]`. Only the place that gives the
 * value to its outside system calls `reveal()`: a rule of the linter. What is made a Secret is known to the scrubber
 * (`scrub/`) from then on, in whichever form it may turn up.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    makeKnown(value)
  }

  reveal(): string {
    return this.#value
  }

  /** Whether a text is this value. The time it takes tells nothing of where they differ. */
  matches(given: string): boolean {
    return timingSafeEqual(digest(given), digest(this.#value))
  }

  /**
   * Names the value in facts, plans and messages: equal secrets have equal fingerprints, and without the key of the
   * installation nobody can find a weak one by trying.
   */
  fingerprint(key: Uint8Array): string {
    return createHmac('sha256', key).update(PURPOSE).update(this.#value).digest('hex').slice(0, 32)
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  /** Whatever a conversion is for: text, number, or a comparison. */
  [Symbol.toPrimitive](): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
