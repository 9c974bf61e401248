import { describe, expect, it } from 'vitest'
import { toText } from '../../../src/index.ts'
import {
  absent,
  conditions,
  confirmations,
  references,
  secrets,
  timings,
  types,
  type Mistake,
} from './mistakes.ts'
import { draft } from './toy.ts'

/** The code, and the codes of the faults that the checker found. */
function refusalOf({ make }: Mistake): string {
  try {
    return toText(make())
  } catch (error) {
    return error instanceof Error && 'code' in error
      ? `${String(error.code)} ${error.message}`
      : String(error)
  }
}

describe('what tsc refuses is refused without types too', () => {
  it('and the playbook that the mistakes are made in has none of its own', () => {
    expect(toText(draft)).toMatch(/^name: toy$/m)
  })

  it.each(references)('a reference to $name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(types)('$name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(confirmations)('a confirmation $name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(timings)('$name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(absent)('unguarded: $name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(secrets)('a secret $name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })

  it.each(conditions)('a condition $name', (mistake) => {
    expect(refusalOf(mistake)).toContain(mistake.code)
  })
})
