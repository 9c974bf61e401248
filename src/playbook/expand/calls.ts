import type { ActionRegistry } from '../../core/action.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Json } from '../../core/json.ts'
import type { InputType } from '../../core/playbook.ts'
import type { Path } from '../../core/yaml.ts'
import { accepts } from '../../expr/index.ts'
import { asksHowItWent } from '../closing.ts'
import { RUN, type StepText } from '../document.ts'
import type { Fault, Faults } from '../faults.ts'
import { schemaOfInput, shapeOfInput } from '../inputs.ts'
import { isObject } from '../json.ts'
import { own } from '../own.ts'
import type { Readable } from '../readable.ts'
import type { Flat } from './flat.ts'
import { MAX_DEPTH, type Callees } from './callees.ts'
import { actionOf } from './run-action.ts'

export type Called = {
  /** Each step that runs a playbook has an action of its own there. */
  readonly readable: Readable
  readonly actions: ActionRegistry
  readonly calls: ReadonlyMap<string, Flat>
}

type Means = { readonly actions: ActionRegistry; readonly faults: Faults; readonly callees?: Callees }

/** Finds the playbooks that this one runs. A step for which none is found is reported, and spoken of no more. */
export function resolveCalls(readable: Readable, means: Means): Called {
  const { document, taint } = readable
  const calls = new Map<string, Flat>()
  const steps: { [id: string]: StepText } = {}
  const actions: { [name: string]: ActionRegistry[string] } = { ...means.actions }
  for (const [id, step] of Object.entries(document.steps)) {
    if (step.action !== RUN) {
      steps[id] = step
      continue
    }
    const flat = resolve({ ...means, readable, id, step })
    if (flat === undefined) {
      taint.step(id)
      steps[id] = step
      continue
    }
    calls.set(id, flat)
    actions[`${RUN} ${id}`] = actionOf(flat)
    steps[id] = { ...step, action: `${RUN} ${id}` }
  }
  return { readable: { ...readable, document: { ...document, steps } }, actions, calls }
}

type Call = Means & { readonly readable: Readable; readonly id: string; readonly step: StepText }

type Refusal = { readonly path: Path; readonly fault: Fault }

function resolve(call: Call): Flat | undefined {
  refuseGuards(call)
  if (call.readable.taint.hasKey(call.id, 'with')) return undefined
  const name = nameOf(call)
  const found = typeof name === 'string' ? lookUp(call, name) : name
  if ('fault' in found) {
    call.faults.at(found.path, found.fault)
    return undefined
  }
  checkConstants(call, found)
  refuseLongerRun(call, found)
  return found
}

function nameOf({ id, step }: Call): string | Refusal {
  const { playbook: name, inputs = {} } = step.with
  if (!isObject(inputs)) return { path: ['steps', id, 'with', 'inputs'], fault: notAMap }
  if (name === undefined) return { path: ['steps', id, 'with'], fault: missingName }
  if (typeof name === 'string' && !name.includes('${{')) return name
  return { path: ['steps', id, 'with', 'playbook'], fault: notAName }
}

function lookUp({ callees, readable, id }: Call, name: string): Flat | Refusal {
  const refuse = (fault: Fault) => ({ path: ['steps', id, 'with', 'playbook'], fault })
  if (callees === undefined) return refuse(alone(name))
  const from = readable.document.name
  const circle = callees.pathTo(from, name)
  if (circle !== undefined) return refuse(recursion([from, ...circle]))
  if (callees.isDeeper(name, MAX_DEPTH))
    return refuse(callees.isCircular(name) ? innerRefused(name) : tooDeep)
  const callee = callees.get(name)
  if (callee.kind === 'flat') return callee.flat
  return refuse(callee.kind === 'unknown' ? unknown(name) : innerRefused(name))
}

function checkConstants({ faults, id, step }: Call, { document }: Flat): void {
  const given = own(step.with, 'inputs') ?? {}
  if (!isObject(given)) return
  for (const [name, type] of Object.entries(document.inputs)) {
    const why = misfitOf(own(given, name), type)
    const remedy = 'Correct the value.'
    if (why !== undefined)
      faults.at(['steps', id, 'with', 'inputs', name], { code: 'playbook.wrong-type', message: why, remedy })
  }
}

/**
 * A run has one timeout: that of the playbook that was started. What another promises of its own end is kept when that one
 * is no longer; else it would be a guard that is ignored.
 */
function refuseLongerRun({ faults, readable, id }: Call, { document }: Flat): void {
  const { document: outer, taint } = readable
  if (document.timeout === undefined || taint.hasHead('timeout')) return
  const [inner, whole] = [document, outer].map(({ timeout }) => timeout && parseDuration(timeout))
  if (!inner || (whole && whole <= inner)) return
  faults.at(['steps', id, 'with', 'playbook'], longerRun(document.name, document.timeout))
}

/** Formats are known to the schema of an input alone; the rest its shape says. */
function misfitOf(value: Json | undefined, type: InputType): string | undefined {
  if (typeof value !== 'string' || value.includes('${{')) return undefined
  if (type.type !== 'string' || accepts(shapeOfInput(type), { kind: 'string', enum: [value] }))
    return undefined
  return schemaOfInput(type).safeParse(value).error?.issues[0]?.message
}

/** Keys that say how a single step acts. */
const guards = ['using', 'forEach', 'approve', 'timeout', 'retry', 'ttl', 'onExpiry', 'confirm'] as const

function refuseGuards({ faults, id, step }: Call): void {
  for (const key of guards) if (step[key] !== undefined) faults.atKey(['steps', id, key], guard(key))
  if (step.onError !== 'stop') faults.atKey(['steps', id, 'onError'], guard('onError'))
  if (step.concurrency !== 1) faults.atKey(['steps', id, 'concurrency'], guard('concurrency'))
  if (step.maxFailures !== 0) faults.atKey(['steps', id, 'maxFailures'], guard('maxFailures'))
  if (asksHowItWent(step.when)) faults.at(['steps', id, 'when'], atTheEnd)
}

function guard(key: string): Fault {
  return {
    code: 'playbook.run',
    message: `${key} has no meaning for a step that runs a playbook`,
    remedy:
      key === 'forEach'
        ? 'Let the other playbook take the list as an input, and repeat its steps over it.'
        : `Remove it: the steps of the other playbook have their own.`,
  }
}

const atTheEnd: Fault = {
  code: 'playbook.run',
  message: 'a playbook cannot be run at the end of the run',
  remedy: 'Write its steps here, or give it closing steps of its own (when: failed()).',
}

function longerRun(name: string, timeout: string): Fault {
  return {
    code: 'playbook.run',
    message: `${name} ends within ${timeout}, and nothing here says that a run of this playbook does`,
    remedy: `Add timeout: ${timeout} (or less) at the top of this playbook, or remove that of ${name}.`,
  }
}

const missingName: Fault = {
  code: 'playbook.missing-field',
  message: 'playbook is missing; it is the name of a playbook',
  remedy: 'Add playbook.',
}

const notAName: Fault = {
  code: 'playbook.wrong-type',
  message: 'this is the name of a playbook, written out: it must be known when the file is read',
  remedy: 'Write the name, without an expression.',
}

const notAMap: Fault = {
  code: 'playbook.wrong-type',
  message: 'inputs is a map of the inputs by name',
  remedy: 'Write each input under its name: inputs: { key: "${{ … }}" }.',
}

function alone(name: string): Fault {
  return {
    code: 'playbook.run',
    message: `${name} cannot be looked up: this playbook was read by itself`,
    remedy: 'Put both into one folder, and load the folder.',
  }
}

function unknown(name: string): Fault {
  return {
    code: 'playbook.unknown',
    message: `there is no playbook ${name}`,
    remedy: 'Name a playbook of the same folder. `firebreak playbooks` lists them.',
  }
}

function innerRefused(name: string): Fault {
  return {
    code: 'playbook.inner-refused',
    message: `${name} has faults of its own`,
    remedy: `Correct ${name}: \`firebreak lint\` shows its faults.`,
  }
}

function recursion(path: readonly string[]): Fault {
  return {
    code: 'playbook.recursion',
    message: `playbooks run each other without end: ${path.join(' → ')}`,
    remedy: 'Remove one of these steps.',
  }
}

const tooDeep: Fault = {
  code: 'playbook.run',
  message: `playbooks run each other more than ${MAX_DEPTH} deep`,
  remedy: 'Run the inner ones from here, one after the other.',
}
