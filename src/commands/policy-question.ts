import { percentOf } from '../config/guardrails.ts'
import type { PolicyQuestion } from '../config/policy-table.ts'
import type { Said } from '../policy/explain-guardrails.ts'

/** What a question says for guardrails, besides who asks for what where. */
export function saidOf(question: PolicyQuestion): Said {
  const { who, action, when, target } = question
  const route = question.route ?? (typeof who === 'object' && 'route' in who ? who.route : undefined)
  return {
    ...(action === undefined ? {} : { action }),
    ...(route === undefined ? {} : { route }),
    ...(when === undefined ? {} : { when: Date.parse(when) }),
    ...(target === undefined ? {} : { target: targetOf(target) }),
    risk: riskOf(question),
  }
}

function targetOf({ id, ...target }: NonNullable<PolicyQuestion['target']>): NonNullable<Said['target']> {
  return { ...target, id: id ?? target.name }
}

function riskOf({ targets, share, fleet, loses, undo, confidence }: PolicyQuestion): Said['risk'] {
  return {
    ...(targets === undefined ? {} : { targets }),
    ...(share === undefined ? {} : { touched: percentOf(share), fleet: 100 }),
    ...(share === undefined && targets !== undefined && fleet !== undefined
      ? { touched: targets, fleet }
      : {}),
    ...(loses === undefined ? {} : { loses }),
    ...(undo === undefined ? {} : { undo }),
    ...(confidence === undefined ? {} : { confidence }),
  }
}
