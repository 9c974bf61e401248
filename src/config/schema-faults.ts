import type { z } from 'zod'
import type { Path } from '../core/yaml.ts'
import { type Fault, pathWords } from './fault.ts'

/** What the schema found, as faults with a place and a remedy. */
export function schemaFaults(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.flatMap((issue) => faultsOf(issue, []))
}

function faultsOf(issue: z.core.$ZodIssue, above: Path): Fault[] {
  const path = [...above, ...plain(issue.path)]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key]))
  if (issue.code === 'invalid_union') return unionFaults(issue, path)
  if (issue.code === 'invalid_key') {
    const message = issue.issues.map((inner) => inner.message).join('; ')
    return [{ ...bad(path, message), atKey: true }]
  }
  return [bad(path, issue.message)]
}

/**
 * Of a choice, the member that fits best: it has the fewest unknown keys and faults. Naming all members would bury the
 * one slip that was made.
 */
function unionFaults(issue: z.core.$ZodIssueInvalidUnion, path: Path): Fault[] {
  const members = issue.errors
    .map((errors) => errors.flatMap((inner) => faultsOf(inner, path)))
    .filter((faults) => faults.length > 0)
    .toSorted((one, other) => distance(one, path) - distance(other, path))
  const [best] = members
  if (best === undefined || members.every((faults) => distance(faults, path) >= WHOLE)) {
    return [bad(path, 'none of the forms that are allowed here')]
  }
  return best
}

/** A fault of the value itself means: a member of quite another kind. */
const WHOLE = 1000

function distance(faults: readonly Fault[], path: Path): number {
  const whole = faults.some((fault) => fault.path.length === path.length)
  return faults.length + (whole ? WHOLE : 0)
}

function unknownKey(path: Path): Fault {
  return {
    code: 'config.unknown-key',
    message: `unknown key ${pathWords(path)}`,
    remedy: 'Correct the spelling or remove it: unknown keys are never ignored.',
    path,
    atKey: true,
  }
}

function bad(path: Path, message: string): Fault {
  const words = pathWords(path)
  return {
    code: 'config.bad-value',
    message: words === '' ? message : `${words}: ${message}`,
    remedy: 'Write a value that fits; the documentation of firebreak.yaml lists each key.',
    path,
  }
}

function plain(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}
