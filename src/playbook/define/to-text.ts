import { Document, isMap, isPair, isScalar, isSeq, visit, type ToStringOptions } from 'yaml'
import type { ActionRegistry } from '../../core/action.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { loadPlaybook } from '../load.ts'

const comment =
  ' Made from a definition in TypeScript (firebreak: toText). Change the definition, not this text.'

/** No folding: an expression stays on the line on which the checker will name its column. */
const format: ToStringOptions = { lineWidth: 0, singleQuote: true, flowCollectionPadding: true }

/** The text of a document, for which the checker has nothing to say. */
export function checkedText(document: JsonObject, actions: ActionRegistry): string {
  const text = yamlOf(document)
  const { name } = document
  const file = `${typeof name === 'string' ? name : 'playbook'}.yaml`
  const loaded = loadPlaybook(text, file, actions)
  if (loaded.ok) return text
  const faults = loaded.diagnostics.map(
    ({ line, column, code, message, excerpt }) =>
      `${file}:${line}:${column}: ${message} (${code})\n${excerpt}`,
  )
  throw new FirebreakError('playbook.refused', faults.join('\n'), {
    remedy: loaded.diagnostics[0]?.remedy ?? 'Correct the definition.',
  })
}

function yamlOf(value: JsonObject): string {
  // One object used in two places would become an anchor and an alias, which the loader refuses.
  const document = new Document(value, { aliasDuplicateObjects: false })
  document.commentBefore = comment
  visit(document, {
    Scalar: (_key, node) => {
      // In quotes, as in the stock playbooks: braces mean something to YAML.
      if (typeof node.value === 'string' && /^[^'\n]*\$\{\{[^'\n]*$/.test(node.value))
        node.type = 'QUOTE_SINGLE'
    },
    Collection: (_key, node, path) => {
      if (path.length > 1 && isShort(node)) node.flow = true
    },
  })
  return document.toString(format)
}

/** What fits on a line is easier to review on one line. */
const SHORT = 72

function isShort(node: unknown): boolean {
  const parts = isMap(node) || isSeq(node) ? node.items : []
  const leaves = parts.flatMap((part): unknown[] => (isPair(part) ? [part.key, part.value] : [part]))
  if (leaves.some((leaf) => !isScalar(leaf) && !isEmpty(leaf) && !isFlowList(leaf))) return false
  return JSON.stringify(node).length <= SHORT
}

function isEmpty(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.items.length === 0
}

function isFlowList(node: unknown): boolean {
  return isSeq(node) && node.items.every((item) => isScalar(item))
}
