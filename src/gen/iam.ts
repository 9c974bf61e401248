import type { ActionInfo } from '../core/action.ts'
import { jsonText } from './json-text.ts'

/**
 * The IAM policy of exactly what the actions declare. What planning reads stands apart from what effects need, so that
 * an installation for dry runs can leave the second statement out.
 */
export function iamText(actions: readonly Pick<ActionInfo, 'permissions'>[]): string {
  const plan = actions.flatMap(({ permissions }) => permissions.plan.aws ?? [])
  const apply = actions.flatMap(({ permissions }) => permissions.apply.aws ?? [])
  const more = apply.filter((action) => !plan.includes(action))
  return jsonText({
    Version: '2012-10-17',
    Statement: [statement('FirebreakPlan', plan), statement('FirebreakApply', more)],
  })
}

function statement(sid: string, actions: readonly string[]) {
  return { Sid: sid, Effect: 'Allow', Action: [...new Set(actions)].toSorted(), Resource: '*' }
}
