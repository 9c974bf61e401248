/** Steers the reader or the terminal instead of being read: control characters, bidirectional marks, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu
const MARKUP = /[\\`*_{}[\]<>()#+!|&~^$:@-]/g

/** Text of others within a line of Markdown: it shows as it is, and marks up nothing. */
export function inline(text: string): string {
  return text.replace(INVISIBLE, '\u00b7').replace(MARKUP, String.raw`\$&`)
}

/** A table of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
