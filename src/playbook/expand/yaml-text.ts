import { Document, visit } from 'yaml'
import type { JsonObject } from '../../core/json.ts'

/** Characters that the loader refuses unless they are written as escapes. */
const hidden = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

/** A document as canonical text: the same document always gives the same text, and the text reads back as the document. */
export function yamlText(value: JsonObject): string {
  // One object used in two places would become an anchor and an alias, which the loader refuses.
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && node.value.search(hidden) >= 0) node.type = 'QUOTE_DOUBLE'
    },
  })
  const text = document.toString({ lineWidth: 0 })
  return text.replaceAll(hidden, (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}
