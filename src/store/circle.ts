/** Who holds what, and who waits for what. */
export type Claims = {
  readonly holderOf: (target: string) => string | undefined
  /** The targets, or keys of other guardrails, that steps of this run wait for. */
  readonly waitsOf: (run: string) => readonly string[]
}

/** Whether a holder waits, itself or through others, for a target of this run: then each would wait for the other for ever. */
export function closesCircle(claims: Claims, run: string, holder: string): boolean {
  const seen = new Set<string>()
  const toSee = [holder]
  for (let next = toSee.pop(); next !== undefined; next = toSee.pop()) {
    if (next === run) return true
    if (seen.has(next)) continue
    seen.add(next)
    toSee.push(...claims.waitsOf(next).flatMap((target) => claims.holderOf(target) ?? []))
  }
  return false
}
