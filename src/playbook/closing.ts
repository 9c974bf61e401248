/**
 * Whether a condition asks how the run went (`succeeded()`, `failed()`, `always()`). A step with such a `when` is decided
 * after everything else (DESIGN section 5). The one place that says so: checker, drawing, expansion and definitions.
 */
export function asksHowItWent(when: string | undefined): boolean {
  return when !== undefined && /\b(succeeded|failed|always)\s*\(/.test(when)
}
