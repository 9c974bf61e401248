import type { z } from 'zod'
import type { ErrorCode } from '../core/errors.ts'
import type { Diagnostic } from '../core/playbook.ts'
import type { Path, YamlFile } from '../core/yaml.ts'

/** Collects faults with their places while a playbook is checked. */
export class Faults {
  readonly #file: string
  readonly #yaml: YamlFile
  readonly #found: Diagnostic[] = []

  constructor(file: string, yaml: YamlFile) {
    this.#file = file
    this.#yaml = yaml
  }

  get found(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column)
  }

  get any(): boolean {
    return this.#found.length > 0
  }

  /** A fault of a value, or of one character of a one-line text. */
  at(path: Path, fault: Fault, index?: number): void {
    this.#add(index === undefined ? this.#yaml.at(path) : this.#yaml.within(path, index), fault)
  }

  atKey(path: Path, fault: Fault): void {
    this.#add(this.#yaml.atKey(path), fault)
  }

  /** What the schema of the document refused. */
  fromSchema(issues: readonly z.core.$ZodIssue[], prefix: Path = []): void {
    for (const issue of issues)
      this.#issue(issue, [...prefix, ...issue.path.filter((part) => typeof part !== 'symbol')])
  }

  #issue(issue: z.core.$ZodIssue, path: Path): void {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        this.atKey([...path, key], {
          code: 'playbook.unknown-key',
          message: `${key} is not a key that belongs here`,
          remedy: 'Remove it, or correct its spelling.',
        })
      }
      return
    }
    if (issue.code === 'invalid_key') {
      const why = issue.issues[0]?.message ?? issue.message
      const fault = { message: `${String(path.at(-1))}: ${why}`, remedy: 'Rename it.' }
      this.atKey(path, { code: 'playbook.bad-value', ...fault })
      return
    }
    const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined')
    const name = path.at(-1)
    this.at(path, {
      code: missing ? 'playbook.missing-key' : 'playbook.bad-value',
      message: missing ? `${String(name)} is missing` : `${path.join('.')}: ${issue.message}`,
      remedy: missing ? `Add ${String(name)}.` : 'Correct the value.',
    })
  }

  #add(place: { line: number; column: number; excerpt: string }, fault: Fault): void {
    const { code, message, remedy } = fault
    this.#found.push({ code, message, remedy, severity: 'error', file: this.#file, ...place })
  }
}

export type Fault = { readonly code: ErrorCode; readonly message: string; readonly remedy: string }
