/** Keys of a step that decide what its output looks like to others. */
const shaping: ReadonlySet<string> = new Set(['action', 'when', 'forEach', 'onError'])

/**
 * What a reported fault has made unreadable. Whatever speaks of it is not checked further: one cause, one diagnostic.
 */
export class Taint {
  readonly #heads = new Set<string>()
  readonly #inputs = new Set<string>()
  readonly #steps = new Set<string>()
  readonly #keys = new Set<string>()
  #everyInput = false

  head(key: string): void {
    this.#heads.add(key)
  }

  allInputs(): void {
    this.#everyInput = true
  }

  input(name: string): void {
    this.#inputs.add(name)
  }

  step(id: string): void {
    this.#steps.add(id)
  }

  /** A key of a step that cannot be read. */
  key(id: string, key: string): void {
    this.#keys.add(`${id}.${key}`)
    if (shaping.has(key)) this.#steps.add(id)
  }

  hasHead(key: string): boolean {
    return this.#heads.has(key)
  }

  hasStep(id: string): boolean {
    return this.#steps.has(id)
  }

  hasKey(id: string, key: string): boolean {
    return this.#keys.has(`${id}.${key}`)
  }

  /** True when a text speaks of something unreadable. */
  touches(text: string): boolean {
    if (!this.#everyInput && this.#inputs.size === 0 && this.#steps.size === 0) return false
    const names = text.matchAll(/\b(inputs|steps)\s*\.\s*\??\s*([a-zA-Z0-9_-]+)/g)
    for (const [, root, name = ''] of names) {
      if (root === 'inputs' ? this.#everyInput || this.#inputs.has(name) : this.#steps.has(name)) return true
    }
    return false
  }
}
