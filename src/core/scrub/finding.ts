/** A part of a text that must not be shown, and what it is, in words: `GitHub token`. */
export type Finding = { readonly start: number; readonly end: number; readonly what: string }

/** The text with every finding replaced by its name. Findings may overlap and come in any order. */
export function replaceFindings(text: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return text
  let out = ''
  let at = 0
  for (const { start, end, what } of union(findings)) {
    out += `${text.slice(at, start)}[redacted: ${what}]`
    at = end
  }
  return out + text.slice(at)
}

/** Overlapping findings become one: a known value inside of a longer token hides the whole token. */
function union(findings: readonly Finding[]): Finding[] {
  const merged: Finding[] = []
  for (const finding of findings.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1)
    if (last === undefined || finding.start >= last.end) merged.push(finding)
    else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end }
  }
  return merged
}
