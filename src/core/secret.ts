import { inspect } from 'node:util'

const SHOWN = '[secret]'

/**
 * A value that must not leave (P9). It prints, serialises and logs as `[secret]`; only the provider that needs the
 * value calls `reveal()`.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
