import { z } from 'zod'
import type { Fact } from '../core/fact.ts'
import { Actor } from '../core/person.ts'

/** The text columns of a row. */
export function text(row: object | undefined): { readonly [column: string]: string | undefined } {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => typeof value === 'string'))
}

/** The number columns of a row. */
export function numbers(row: object | undefined): { readonly [column: string]: number | undefined } {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => typeof value === 'number'))
}

const Leaf = z.looseObject({
  seq: z.int(),
  time: z.string(),
  type: z.string(),
  run: z.string().optional(),
  n: z.int().optional(),
  step: z.string().optional(),
  actor: Actor,
})

/** A journal row as a fact. What is in the journal was checked when it was written, so only its frame is parsed again. */
export function readFact(row: object): Fact {
  const { leaf = '', data = '' } = text(row)
  const { seq, time, type, run, n, step, actor } = Leaf.parse(JSON.parse(leaf))
  const fact = {
    seq,
    time,
    type,
    actor,
    data: JSON.parse(data),
    ...(run === undefined ? {} : { run }),
    ...(n === undefined ? {} : { n }),
    ...(step === undefined ? {} : { step }),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this program under this schema version
  return fact as Fact
}
