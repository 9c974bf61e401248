import type { JsonObject } from '../../core/json.ts'
import { parseYaml, type Path, type YamlFile } from '../../core/yaml.ts'
import { checkGraph, type Graph } from '../check-graph.ts'
import type { CheckContext } from '../checked.ts'
import { checks } from '../checks/index.ts'
import { Faults } from '../faults.ts'
import { isObject } from '../json.ts'
import { readDocument, type Readable } from '../readable.ts'
import { findings, report } from '../review.ts'
import { flatten, type Expanded, type Nested } from './flatten.ts'
import { yamlText } from './yaml-text.ts'

export type Whole = {
  readonly text: string
  readonly value: JsonObject
  readonly readable: Readable
  readonly graph: Graph
  /** What was found in the whole only, at places of the file. */
  readonly faults: Faults
}

type Around = { readonly file: string; readonly yaml: YamlFile; readonly context: CheckContext | undefined }

/**
 * The playbook with all its steps, read from the text that a run keeps: what is checked, planned and approved is what that
 * text says. Undefined when `nested.faults` says why there is none.
 */
export function expand(nested: Nested, around: Around): Whole | undefined {
  const expanded = flatten(nested)
  if (nested.faults.refused) return undefined
  const text = yamlText(expanded.value)
  const faults = new Faults(around.file, placesIn(around.yaml, expanded))
  const read = parseYaml(text, around.file)
  const readable = read.ok ? readDocument(read.value, faults) : undefined
  if (!read.ok || readable === undefined) {
    const [first] = read.ok ? faults.found : read.diagnostics
    nested.faults.at(['steps'], unreadable(first?.message))
    return undefined
  }
  const graph = checkGraph(readable, nested.actions, faults)
  review({ readable, graph, faults, expanded }, around)
  return { text, value: isObject(read.value) ? read.value : {}, readable, graph, faults }
}

type Reviewed = Pick<Whole, 'readable' | 'graph' | 'faults'> & { readonly expanded: Expanded }

function review(
  { readable, graph, faults, expanded: { origins } }: Reviewed,
  { file, context }: Around,
): void {
  if (context === undefined) return
  for (const finding of findings(readable, graph, { file, context, checks: checks.whole })) {
    const id = String(finding.path[1])
    const isInner = origins.has(id)
    // What is odd in another playbook is said of that one.
    if (isInner && finding.severity === 'warning') continue
    report(isInner ? { ...finding, message: `${id}: ${finding.message}` } : finding, faults)
  }
}

function unreadable(why = 'it cannot be read') {
  return {
    code: 'playbook.run',
    message: `with the steps of the playbooks that it runs: ${why}`,
    remedy: 'Split it into playbooks that are started one by one.',
  } as const
}

/** Places of the whole as places of the file: a step of another playbook is where it is run. */
function placesIn(yaml: YamlFile, { origins }: Expanded): YamlFile {
  const placed = (own: (path: Path) => ReturnType<YamlFile['at']>) => (path: Path) => {
    const origin = path[0] === 'steps' ? origins.get(String(path[1])) : undefined
    return origin === undefined ? own(path) : yaml.atKey(['steps', origin])
  }
  const at = placed(yaml.at)
  return { ok: true, value: yaml.value, at, atKey: placed(yaml.atKey), within: at }
}
