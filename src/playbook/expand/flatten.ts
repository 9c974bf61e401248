import type { ActionRegistry } from '../../core/action.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Shape } from '../../expr/index.ts'
import type { CheckedStep } from '../checked.ts'
import type { Faults } from '../faults.ts'
import { isList, isObject } from '../json.ts'
import type { Output } from '../outputs.ts'
import { own } from '../own.ts'
import { nameIn, inside, isGuarded, valuesOf, wholeValue, type Call } from './call.ts'
import type { Flat } from './flat.ts'
import { outputPiece } from './output.ts'
import {
  asking,
  bracketed,
  none,
  plain,
  rewrite,
  union,
  type Piece,
  type Replace,
  type Spot,
} from './piece.ts'
import { mapTexts, Reading } from './texts.ts'

/** A checked document in which steps run other playbooks. */
export type Nested = {
  readonly value: JsonObject
  readonly steps: ReadonlyMap<string, CheckedStep>
  readonly outputs: ReadonlyMap<string, Output>
  readonly calls: ReadonlyMap<string, Flat>
  readonly actions: ActionRegistry
  readonly faults: Faults
  /** The type of a text in the `with` of a step. */
  readonly shapeOf: (step: string, text: string) => Shape | undefined
}

export type Expanded = {
  readonly value: JsonObject
  /** For each step that comes from another playbook, the step that runs it. */
  readonly origins: ReadonlyMap<string, string>
}

/** The document with the steps of each playbook in the place of the step that runs it. */
export function flatten(nested: Nested): Expanded {
  return new Flattening(nested).run()
}

class Flattening {
  readonly #nested: Nested
  readonly #calls = new Map<string, Call>()
  readonly #origins = new Map<string, string>()

  constructor(nested: Nested) {
    this.#nested = nested
  }

  run(): Expanded {
    const { value, outputs } = this.#nested
    const raws = objectIn(value, 'steps')
    const steps: { [id: string]: Json } = {}
    for (const [id, raw] of Object.entries(raws)) {
      if (!this.#nested.calls.has(id)) steps[id] = this.#outerStep(id, asObject(raw))
      else for (const [inner, step] of this.#innerSteps(id, raws)) steps[inner] = step
    }
    const uses = [...outputs.values()].flatMap((output) => output.uses)
    const given = objectIn(value, 'outputs')
    const rewritten = mapTexts(given, { path: ['outputs'], uses }, ({ text, path, references }) => {
      return rewrite(text, references, this.#outside({ closing: false, path })).text
    })
    const whole = { ...value, ...(Object.keys(given).length === 0 ? {} : { outputs: rewritten }), steps }
    return { value: whole, origins: this.#origins }
  }

  /** A step of the document itself. */
  #outerStep(id: string, raw: JsonObject): JsonObject {
    const checked = this.#nested.steps.get(id)
    const closing = checked?.step.closing ?? false
    const uses = checked?.uses ?? []
    const step = mapTexts(raw, { path: ['steps', id], uses }, ({ text, path, references }) => {
      return rewrite(text, references, this.#outside({ closing, path })).text
    })
    return { ...asObject(step), ...this.#after(raw, closing) }
  }

  #after(raw: JsonObject, closing: boolean): JsonObject {
    const names = namesIn(raw['after'])
    return names.length === 0 ? {} : { after: names.flatMap((name) => this.#ends(name, closing)) }
  }

  /** After a playbook means after all its steps that nothing in it waits for. */
  #ends(name: string, closing: boolean): readonly string[] {
    const flat = this.#nested.calls.get(name)
    if (flat === undefined) return [name]
    const steps = [...flat.steps.values()].filter(({ step }) => closing || !step.closing)
    const needed = new Set(steps.flatMap(({ step }) => step.needs))
    return steps.filter(({ id }) => !needed.has(id)).map(({ id }) => nameIn(name, id))
  }

  /** What stands for a reference of the document itself. */
  #outside({ closing, path }: { closing: boolean; path: readonly (string | number)[] }): Replace {
    return (spot) => {
      const [root, step] = spot.path
      if (root !== 'steps' || step === undefined) return plain(spot.source)
      if (!this.#nested.calls.has(step)) return outerPiece(spot, step)
      const { faults } = this.#nested
      const piece = outputPiece(this.#call(step), spot, {
        closing,
        isConditional: (id) => this.#isConditional(id),
        report: (at, fault) => faults.at(at, fault),
        refuse: (fault) => faults.at(path, fault, spot.start),
      })
      return piece ?? plain(spot.source)
    }
  }

  #isConditional(id: string): boolean {
    const origin =
      this.#origins.get(id) ?? [...this.#nested.calls.keys()].find((call) => isOf(call, id, this.#nested))
    if (origin !== undefined && this.#call(origin).when !== undefined) return true
    const text = this.#nested.steps.get(id)?.text
    return text !== undefined && (text.when !== undefined || text.onError === 'continue')
  }

  /** The step that runs a playbook, in terms of the whole. The graph has no circles, so this ends. */
  #call(id: string): Call {
    const known = this.#calls.get(id) ?? this.#makeCall(id)
    this.#calls.set(id, known)
    return known
  }

  #makeCall(id: string): Call {
    const { value, steps, calls, faults, shapeOf } = this.#nested
    const flat = calls.get(id)
    if (flat === undefined) throw new Error(`${id} runs no playbook`)
    const raw = asObject(objectIn(value, 'steps')[id] ?? {})
    const uses = steps.get(id)?.uses ?? []
    const reading = new Reading()
    const path = ['steps', id, 'when']
    const when = mapTexts(raw['when'] ?? null, { path, uses }, (text) =>
      reading.rewrite(text, this.#outside({ closing: false, path })),
    )
    const replace = this.#outside({ closing: false, path: ['steps', id, 'with'] })
    const report: Faults['at'] = (at, fault, index) => faults.at(at, fault, index)
    const values = valuesOf({ id, flat, raw, uses, replace, shapeOf: (text) => shapeOf(id, text), report })
    const reads = union(...[...values.values()].map((one) => one.reads))
    const condition =
      typeof when === 'string' ? { when: { text: when, firm: reading.firm, reads: reading.reads } } : {}
    return { id, flat, raw, values, reads, ...condition }
  }

  #innerSteps(id: string, taken: JsonObject): [string, JsonObject][] {
    const call = this.#call(id)
    return Object.entries(objectIn(call.flat.value, 'steps')).map(([inner, raw]) => {
      const name = nameIn(id, inner)
      if (Object.hasOwn(taken, name) || this.#origins.has(name) || name.length > MAX_NAME) {
        const why = name.length > MAX_NAME ? `${name} is too long a name` : `there are two steps ${name}`
        this.#nested.faults.atKey(['steps', id], {
          code: 'playbook.run',
          message: `${why}: the step ${inner} of ${call.flat.document.name} is called so here`,
          remedy: `Rename ${id}.`,
        })
      }
      this.#origins.set(name, id)
      return [name, this.#innerStep(call, inner, asObject(raw))]
    })
  }

  #innerStep(call: Call, inner: string, { when, ...raw }: JsonObject): JsonObject {
    const checked = call.flat.steps.get(inner)
    const closing = checked?.step.closing ?? false
    const { faults } = this.#nested
    const replace = inside(call, { closing, report: (at, fault) => faults.at(at, fault) })
    const reading = new Reading()
    const uses = checked?.uses ?? []
    const step = mapTexts(raw, { path: ['steps', inner], uses }, (text) => {
      const whole = text.path.includes('with') ? wholeValue(call, text) : undefined
      if (whole === undefined || (closing && whole.firm.size > 0)) return reading.rewrite(text, replace)
      reading.note(whole)
      return whole.json
    })
    const asked = new Reading()
    const condition = mapTexts(when ?? null, { path: ['steps', inner, 'when'], uses }, (text) =>
      asked.rewrite(text, replace),
    )
    const own = typeof condition === 'string' ? { text: condition, firm: asked.firm } : undefined
    const conditions = closing
      ? this.#closingWhen(call, own, union(reading.firm, asked.firm))
      : this.#mainWhen(call, own)
    const joined = conditions.length > 1 ? conditions.map(bracketed).join(' && ') : conditions[0]
    return {
      ...(joined === undefined ? {} : { when: joined }),
      ...asObject(step),
      ...this.#afterInside(call, inner, raw),
      ...this.#evidence(call, checked, raw),
    }
  }

  /** A step that is always skipped with the playbook runs only when the playbook does. */
  #mainWhen({ when }: Call, own: Pick<Piece, 'text' | 'firm'> | undefined): string[] {
    if (when === undefined) return own === undefined ? [] : [own.text]
    if (own === undefined) return [when.text]
    const conditional = [...own.firm].filter((step) => this.#isConditional(step))
    return [when.text, ...asking(conditional), own.text]
  }

  /** At the end of the run, what the playbook was given may not be there: then it never began. */
  #closingWhen({ when }: Call, own: Pick<Piece, 'text'> | undefined, firm: ReadonlySet<string>): string[] {
    const asked = asking(union(firm, when?.firm ?? none))
    return [...(own === undefined ? [] : [own.text]), ...asked, ...(when === undefined ? [] : [when.text])]
  }

  /** What the playbook waits for, its first steps wait for. */
  #afterInside(call: Call, inner: string, raw: JsonObject): JsonObject {
    const checked = call.flat.steps.get(inner)
    const after = namesIn(raw['after']).map((name) => nameIn(call.id, name))
    const isFirst = checked !== undefined && !checked.step.closing && checked.step.needs.length === 0
    const edges = isFirst
      ? [...namesIn(call.raw['after']).flatMap((name) => this.#ends(name, false)), ...call.reads]
      : []
    const all = [...new Set([...after, ...edges])]
    return all.length === 0 ? {} : { after: all }
  }

  /** A waiver on the step that runs a playbook is one for each effect in it. */
  #evidence({ raw: { evidence } }: Call, checked: CheckedStep | undefined, raw: JsonObject): JsonObject {
    const effect = checked?.action.effect
    const isEffect = effect === 'reversible' || effect === 'irreversible'
    return evidence === undefined || !isEffect || own(raw, 'evidence') !== undefined ? {} : { evidence }
  }
}

/** As long as the name of a step can be. */
const MAX_NAME = 63

function isOf(call: string, id: string, { calls }: Nested): boolean {
  const steps = calls.get(call)?.steps.keys() ?? []
  return [...steps].some((inner) => nameIn(call, inner) === id)
}

function outerPiece({ source }: Spot, step: string): Piece {
  return { text: source, firm: isGuarded(source) ? none : new Set([step]), reads: new Set([step]) }
}

function objectIn(value: JsonObject, key: string): JsonObject {
  return asObject(own(value, key) ?? {})
}

function asObject(value: Json): JsonObject {
  return isObject(value) ? value : {}
}

function namesIn(value: Json | undefined): readonly string[] {
  if (value === undefined || !isList(value)) return []
  return value.filter((name) => typeof name === 'string')
}
