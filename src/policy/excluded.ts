import type { Person } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import type { ApprovalState } from '../core/run.ts'
import { type Authority, refusal, type Refusal } from './authority.ts'
import { decide, sourceWords, whoMay } from './decision.ts'
import type { Point } from './rules.ts'

/** What the gate is about: the steps that it lets act. */
export type About = (approval: ApprovalState, gate: Gate) => readonly Point[]

type Ground = { readonly authority: Authority; readonly about: About; readonly request: ApprovalState }

/** The rule that keeps a person who has the role of the gate from approving what it is about. */
export function excludedFrom(
  person: Person,
  { authority, about, request }: Ground,
  gate: Gate,
): Refusal | undefined {
  const points = about(request, gate)
  const asker = { kind: 'person', roles: person.roles } as const
  const { outcome, by } = decide(authority, asker, { verb: 'approve', points })
  if (outcome !== 'deny') return undefined
  const roles = whoMay(by).join(', ') || 'nobody'
  return refusal({
    code: 'approval.missing-role',
    message: `${person.name} may not approve this: ${sourceWords(by)} names ${roles}`,
    remedy: `Ask a person who has the role of the gate, ${gate.from}, and may approve by that rule.`,
  })
}
