import type { InputType } from '../core/playbook.ts'
import type { Path } from '../core/yaml.ts'
import { compilePattern, didYouMean } from '../expr/index.ts'
import type { Document } from './document.ts'
import type { Faults } from './faults.ts'
import { schemaOfInput } from './inputs.ts'
import type { Taint } from './taint.ts'

/** What the schema of the document cannot say of an input: that its own parts fit together. */
export function checkInputTypes({ inputs }: Document, faults: Faults, taint: Taint): void {
  for (const [name, type] of Object.entries(inputs)) {
    const before = faults.count
    checkType(type, ['inputs', name], faults)
    if (faults.count > before) taint.input(name)
    else checkDefault(type, ['inputs', name], faults)
  }
}

function checkType(type: InputType, path: Path, faults: Faults): void {
  switch (type.type) {
    case 'string':
      checkPattern(type.pattern, [...path, 'pattern'], faults)
      return checkBounds([type.minLength, type.maxLength], [...path, 'minLength'], faults)
    case 'integer':
    case 'number':
      return checkBounds([type.minimum, type.maximum], [...path, 'minimum'], faults)
    case 'array':
      return checkType(type.items, [...path, 'items'], faults)
    case 'object':
      return checkObject(type, path, faults)
    case 'boolean':
  }
}

function checkObject(type: InputType & { type: 'object' }, path: Path, faults: Faults): void {
  const names = Object.keys(type.properties)
  for (const [at, name] of (type.required ?? []).entries()) {
    if (names.includes(name)) continue
    faults.at([...path, 'required', at], {
      code: 'playbook.bad-input',
      message: `${name} is required, but it is no property`,
      remedy: `${didYouMean(name, names)}Declare it under properties, or remove it.`,
    })
  }
  for (const [name, property] of Object.entries(type.properties))
    checkType(property, [...path, 'properties', name], faults)
}

function checkPattern(pattern: string | undefined, path: Path, faults: Faults): void {
  if (pattern === undefined) return
  const compiled = compilePattern(pattern)
  if (compiled.ok) return
  const remedy = 'Write it in RE2 syntax: no look-around, no back-references.'
  faults.at(path, { code: 'playbook.bad-input', message: compiled.why, remedy })
}

function checkBounds(
  [low, high]: readonly [number | undefined, number | undefined],
  path: Path,
  faults: Faults,
): void {
  if (low === undefined || high === undefined || low <= high) return
  const message = `nothing is at least ${low} and at most ${high}`
  faults.at(path, { code: 'playbook.bad-input', message, remedy: 'Swap or correct the two bounds.' })
}

function checkDefault(type: InputType, path: Path, faults: Faults): void {
  if (type.type === 'object' || type.default === undefined) return
  const fits = schemaOfInput(type).safeParse(type.default)
  if (fits.success) return
  const message = `the default does not fit its own type: ${fits.error.issues[0]?.message ?? ''}`
  const remedy = 'Correct the default.'
  faults.at([...path, 'default'], { code: 'playbook.bad-input', message, remedy })
}
