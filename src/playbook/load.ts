import type { ActionRegistry } from '../core/action.ts'
import { digestOf } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Diagnostic } from '../core/playbook.ts'
import { parseYaml } from '../core/yaml.ts'
import { checkTemplate } from '../expr/index.ts'
import { checkGraph, type Graph } from './check-graph.ts'
import type { CheckContext } from './checked.ts'
import { checks } from './checks/index.ts'
import { Callees } from './expand/callees.ts'
import { resolveCalls } from './expand/calls.ts'
import type { Flat } from './expand/flat.ts'
import { expand, type Whole } from './expand/whole.ts'
import { Faults } from './faults.ts'
import { infoOf } from './info.ts'
import { parseInputs } from './inputs.ts'
import { isObject } from './json.ts'
import type { Playbook } from './playbook.ts'
import { readDocument, type Readable } from './readable.ts'
import { findings, report } from './review.ts'
import { endOf } from './timing.ts'

export type Loaded =
  | { readonly ok: true; readonly playbook: Playbook; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Text → typed graph, or every fault with its place. A playbook that loads cannot fail for a missing or mistyped value. */
export function loadPlaybook(text: string, file: string, actions: ActionRegistry): Loaded {
  return load(text, file, { actions, context: {} })
}

/** Like `loadPlaybook`, with what is known besides the text: the configuration, and whether the file is a real one. */
export function loadPlaybookIn(
  text: string,
  file: string,
  means: Means & { readonly context: CheckContext },
): Loaded {
  return load(text, file, means)
}

type Library = {
  readonly actions: ActionRegistry
  readonly context: CheckContext
  /** The text of a playbook, by its name. */
  readonly find: (name: string) => string | undefined
}

/** The playbooks that others may run. Each is read once for all of them. */
export function calleesIn({ actions, context, find }: Library): Callees {
  const { onDisk: _, ...known } = context
  return new Callees(find, (text, file, callees) => {
    return load(text, file, { actions, context: known, callees }).flat
  })
}

/**
 * Like `loadPlaybook`, for a text that loaded once: its faults are an exception then. Only what could make it fail is
 * checked, not what a reviewer would ask for: a run in progress is not stopped because a later version is stricter, and an
 * undo, which is a playbook too, needs no evidence of its own.
 */
export function reloadPlaybook(text: string, file: string, actions: ActionRegistry): Playbook {
  const loaded = load(text, file, { actions })
  if (loaded.ok) return loaded.playbook
  const [first] = loaded.diagnostics
  const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : file
  throw new FirebreakError('playbook.refused', `The playbook no longer loads: ${where}`, {
    remedy: first?.remedy ?? 'Run `firebreak lint`.',
  })
}

type Means = {
  readonly actions: ActionRegistry
  /** Without it only types and the graph are checked. */
  readonly context?: CheckContext
  /** Without it no step can run another playbook. */
  readonly callees?: Callees
}

type Read = Loaded & { readonly flat?: Flat }

function load(text: string, file: string, means: Means): Read {
  const yaml = parseYaml(text, file)
  if (!yaml.ok) return yaml
  const faults = new Faults(file, yaml)
  const document = readDocument(yaml.value, faults)
  if (document === undefined) return { ok: false, diagnostics: faults.found }
  const { readable, calls, actions } = resolveCalls(document, { ...means, faults })
  const graph = checkGraph(readable, actions, faults)
  if (means.context !== undefined) {
    const asked = calls.size === 0 ? [...checks.own, ...checks.whole] : checks.own
    const about = { file, context: means.context, checks: asked }
    for (const finding of findings(readable, graph, about)) report(finding, faults)
  }
  if (faults.refused) return { ok: false, diagnostics: faults.found }
  const value = isObject(yaml.value) ? yaml.value : {}
  if (calls.size === 0) return made({ text, file, value, readable, graph, warnings: faults.found })
  const nested = {
    ...graph,
    actions: means.actions,
    faults,
    calls,
    value,
    shapeOf: shapesIn(readable, graph),
  }
  return put(expand(nested, { file, yaml, context: means.context }), file, faults)
}

/** The playbook with the steps of those that it runs. */
function put(whole: Whole | undefined, file: string, { found }: Faults): Read {
  const all = [...found, ...(whole?.faults.found ?? [])]
  return whole === undefined || whole.faults.refused
    ? { ok: false, diagnostics: all }
    : made({ ...whole, file, warnings: all })
}

/** The type of a text in the `with` of a step. */
function shapesIn({ document }: Readable, { scopes }: Graph) {
  return (id: string, text: string) => {
    const checked = checkTemplate(text, scopes({ when: document.steps[id]?.when }).plain)
    return checked.ok ? checked.template.shape : undefined
  }
}

type Source = {
  readonly text: string
  readonly file: string
  readonly value: JsonObject
  readonly readable: Readable
  readonly graph: Graph
  readonly warnings: readonly Diagnostic[]
}

function made({ text, file, value, readable: { document }, graph, warnings }: Source): Read {
  const { steps, ordered, outputs } = graph
  const playbook: Playbook = {
    info: infoOf(document, ordered, { file, digest: digestOf(value) }),
    text,
    steps: ordered,
    ...endOf(document),
    parseInputs: (raw) => parseInputs(document.inputs, raw),
  }
  return {
    ok: true,
    playbook,
    warnings,
    flat: { document, value, steps, outputs },
  }
}
