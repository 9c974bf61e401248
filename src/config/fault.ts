import { type ErrorCode, FirebreakError } from '../core/errors.ts'
import type { Diagnostic } from '../core/playbook.ts'
import type { Path, Place, YamlFile } from '../core/yaml.ts'

/** A configuration that cannot be used: the code and remedy of the first fault, and all of them with their places. */
export class ConfigFault extends FirebreakError {
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics
    const text = diagnostics.map(({ file, line, column, message, excerpt }) => {
      return `${file}:${line}:${column} ${message}\n${excerpt.replaceAll(/^/gm, '  ')}`
    })
    super(first?.code ?? 'config.bad-value', text.join('\n'), { remedy: first?.remedy ?? 'Mend the file.' })
    this.diagnostics = diagnostics
  }
}

export type Fault = {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  readonly path: Path
  readonly severity?: 'warning'
  /** Point at the key instead of its value. */
  readonly atKey?: boolean
  /** Point at this character of a text. */
  readonly index?: number
}

/** Gives faults their place in the file. */
export function locate(faults: readonly Fault[], yaml: YamlFile, file: string): Diagnostic[] {
  return faults.map((fault) => {
    const { code, message, remedy, severity } = fault
    const place = placeOf(fault, yaml)
    return { code, severity: severity ?? 'error', message, remedy, file, ...place }
  })
}

function placeOf({ path, atKey, index }: Fault, yaml: YamlFile): Place {
  if (index !== undefined) return yaml.within(path, index)
  return atKey === true ? yaml.atKey(path) : yaml.at(path)
}

/** `people[0].sshKeys[1]`, for messages. */
export function pathWords(path: Path): string {
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
  return words.join('').replace(/^\./, '')
}
