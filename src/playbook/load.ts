import type { ActionRegistry } from '../core/action.ts'
import { digestOf } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Diagnostic, PlaybookInfo, StepInfo } from '../core/playbook.ts'
import { parseYaml } from '../core/yaml.ts'
import { compilePattern } from '../expr/index.ts'
import { Document } from './document.ts'
import { Faults } from './faults.ts'
import { parseInputs, schemaOfInput } from './inputs.ts'
import type { Playbook, Step } from './playbook.ts'
import { checkStep } from './steps.ts'

export type Loaded =
  | { readonly ok: true; readonly playbook: Playbook }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Text → typed graph, or every fault with its place. A playbook that loads cannot fail for a missing or mistyped value. */
export function loadPlaybook(text: string, file: string, actions: ActionRegistry): Loaded {
  const yaml = parseYaml(text, file)
  if (!yaml.ok) return yaml
  const faults = new Faults(file, yaml)
  const parsed = Document.safeParse(yaml.value)
  if (!parsed.success) {
    faults.fromSchema(parsed.error.issues)
    return { ok: false, diagnostics: faults.found }
  }
  const document = parsed.data
  checkInputs(document, faults)
  const ids = Object.keys(document.steps)
  const steps = ids.flatMap((id) => checkStep({ document, actions, faults, id }) ?? [])
  const ordered = faults.any ? undefined : inOrder(steps, faults)
  if (ordered === undefined) return { ok: false, diagnostics: faults.found }
  const info = infoOf(document, ordered, { file, digest: digestOf(yaml.value) })
  return {
    ok: true,
    playbook: { info, text, steps: ordered, parseInputs: (raw) => parseInputs(document.inputs, raw) },
  }
}

/** Like `loadPlaybook`, for a text that loaded once: its faults are an exception then. */
export function reloadPlaybook(text: string, file: string, actions: ActionRegistry): Playbook {
  const loaded = loadPlaybook(text, file, actions)
  if (loaded.ok) return loaded.playbook
  const [first] = loaded.diagnostics
  const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : file
  throw new FirebreakError('playbook.refused', `The playbook no longer loads: ${where}`, {
    remedy: first?.remedy ?? 'Run `firebreak lint`.',
  })
}

function checkInputs(document: Document, faults: Faults): void {
  for (const [name, type] of Object.entries(document.inputs)) {
    const path = ['inputs', name]
    if (type.type === 'string' && type.pattern !== undefined) {
      const compiled = compilePattern(type.pattern)
      if (!compiled.ok) {
        const remedy = 'Write it in RE2 syntax: no look-around, no back-references.'
        faults.at([...path, 'pattern'], { code: 'playbook.bad-input', message: compiled.why, remedy })
        continue
      }
    }
    if (type.type === 'object' || type.default === undefined) continue
    const fits = schemaOfInput(type).safeParse(type.default)
    if (fits.success) continue
    const message = `the default does not fit its own type: ${fits.error.issues[0]?.message ?? ''}`
    faults.at([...path, 'default'], { code: 'playbook.bad-input', message, remedy: 'Correct the default.' })
  }
}

/** Needs before what needs them (Kahn). What is left over waits in a circle. */
function inOrder(steps: readonly Step[], faults: Faults): readonly Step[] | undefined {
  const ordered: Step[] = []
  let left = steps
  while (left.length > 0) {
    const done = new Set(ordered.map(({ id }) => id))
    const ready = left.filter(({ needs }) => needs.every((need) => done.has(need)))
    if (ready.length === 0) {
      const names = left.map(({ id }) => id)
      faults.atKey(['steps', names[0] ?? ''], {
        code: 'playbook.cycle',
        message: `steps wait for each other: ${names.join(' → ')}`,
        remedy: 'Remove one of the references or `after` entries between them.',
      })
      return undefined
    }
    ordered.push(...ready)
    left = left.filter((step) => !ready.includes(step))
  }
  return ordered
}

function infoOf(
  document: Document,
  steps: readonly Step[],
  { file, digest }: { file: string; digest: string },
): PlaybookInfo {
  const { name, title, severity, because, covers, inputs } = document
  const described = steps.map((step): StepInfo => {
    const when = document.steps[step.id]?.when
    return {
      id: step.id,
      action: step.action.name,
      title: step.action.title,
      effect: step.action.effect,
      needs: step.needs,
      repeats: step.items !== undefined,
      ...(when === undefined ? {} : { when }),
      ...(step.approve ? { approve: step.approve } : {}),
    }
  })
  return { name, title, severity, because, covers, inputs, steps: described, digest, file }
}
