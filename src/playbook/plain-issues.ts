import type { z } from 'zod'

/** What is wrong with the form that was meant, where a value may have several: not only that none fits. */
export function plainIssues(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap(opened)
}

function opened(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find((errors) => errors.every(isInside))
  if (meant === undefined) return [issue]
  return plainIssues(meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })))
}

/** The value has this form, and something in it is wrong. */
function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys'
}
