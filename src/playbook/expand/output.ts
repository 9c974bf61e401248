import type { Fault } from '../faults.ts'
import { isPath, soleExpression, type Output } from '../outputs.ts'
import { inside, type Call, type Report } from './call.ts'
import { asking, bracketed, none, rewrite, union, type Piece, type Spot } from './piece.ts'

type Reader = {
  /** The reading step runs at the end of the run. */
  readonly closing: boolean
  /** Whether a step may be skipped, or may fail unnoticed. */
  readonly isConditional: (step: string) => boolean
  readonly report: Report
  /** Reports a fault of the reference itself. */
  readonly refuse: (fault: Fault) => void
}

/** What stands for `steps.sub.name`, where `sub` runs a playbook: the expression that this output is there. */
export function outputPiece(call: Call, spot: Spot, reader: Reader): Piece | undefined {
  const read = readIn(call, spot)
  if (read === undefined || spot.asked) {
    reader.refuse(read === undefined ? bare(call) : noHas(call, read.name))
    return undefined
  }
  const { output, ofStep, ofField, rest } = read
  const made = madeOf(call, output, reader)
  if (!ofStep && !ofField) return { ...made, text: bracketed(made.text) + rest }
  const fromStep = isPath(made.text) && /^\$\{\{\s*steps\b/.test(output.text)
  const piece = fromStep ? optionalPath(made, ofStep) : optionalValue(made, call, reader)
  return { ...piece, text: piece.text + rest }
}

type Read = {
  readonly name: string
  readonly output: Output
  /** `steps.?sub` */
  readonly ofStep: boolean
  /** `sub.?name` */
  readonly ofField: boolean
  readonly rest: string
}

function readIn({ id, flat }: Call, { path: [, , name = ''], source }: Spot): Read | undefined {
  const pattern = new RegExp(`^steps\\s*\\.\\s*(\\??)\\s*${id}\\s*\\.\\s*(\\??)\\s*${name}`)
  const [whole, ofStep, ofField] = pattern.exec(source) ?? []
  const output = flat.outputs.get(name)
  if (whole === undefined || output === undefined) return undefined
  return { name, output, ofStep: ofStep === '?', ofField: ofField === '?', rest: source.slice(whole.length) }
}

function madeOf(call: Call, { text, uses }: Output, { report }: Reader): Piece {
  const references = uses.map(({ reference }) => reference)
  const piece = rewrite(text, references, inside(call, { closing: false, report }))
  return { ...piece, text: soleExpression(piece.text) ?? piece.text }
}

/** A path that may be absent: from the step on, or only at its last field. */
function optionalPath(piece: Piece, fromStep: boolean): Piece {
  const parts = piece.text.split('.').map((part) => part.trim())
  const at = fromStep ? 1 : parts.length - 1
  const text = parts.map((part, i) => (i === at && !part.startsWith('?') ? `?${part}` : part)).join('.')
  return { ...piece, text, firm: fromStep ? none : piece.firm }
}

/** A computed value that may be absent: the only item of a list, or none. */
function optionalValue(piece: Piece, { when }: Call, { closing, isConditional }: Reader): Piece {
  const guarded = [...piece.firm].filter((step) => closing || isConditional(step))
  const whole = when === undefined ? [] : [...asking(closing ? when.firm : none), bracketed(when.text)]
  const conditions = guarded.length === 0 ? whole : asking(guarded)
  const firm = new Set([...piece.firm].filter((step) => !guarded.includes(step)))
  const reads = union(piece.reads, when?.reads ?? none)
  const text =
    conditions.length === 0
      ? `[${piece.text}][?0]`
      : `(${conditions.join(' && ')} ? [${piece.text}] : [])[?0]`
  return { text, firm, reads }
}

function bare({ id, flat }: Call): Fault {
  const names = [...flat.outputs.keys()]
  return {
    code: 'playbook.run',
    message: `${id} runs a playbook, and what it gives is used output by output`,
    remedy:
      names.length === 0
        ? `Declare outputs in ${flat.document.name}.`
        : `Name one: ${names.map((name) => `steps.${id}.${name}`).join(', ')}.`,
  }
}

function noHas({ id }: Call, name: string): Fault {
  return {
    code: 'playbook.run',
    message: 'has() cannot ask for what a playbook gives',
    remedy: `Write steps.${id}.?${name}.orValue(…), or steps.${id}.?${name}.hasValue().`,
  }
}
