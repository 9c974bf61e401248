import type { ApproveRule } from '../core/playbook.ts'
import type { Gate } from '../core/plan.ts'
import type { Acting } from './about.ts'

/** `rule` is what asks: `window/friday`. */
export function gateOf(
  { step }: Pick<Acting, 'step'>,
  { from, count, withinMs }: ApproveRule,
  rule: string,
): Gate {
  return { scope: step, from, count, withinMs, rule }
}

/** Items of one step are asked about together, so that one rule asks once. */
export function distinctGates(gates: readonly Gate[]): Gate[] {
  const byContent = gates.map((gate) => {
    const { scope, rule = '', from, count, withinMs } = gate
    return [[scope, rule, from, count, withinMs].join('\n'), gate] as const
  })
  return [...new Map(byContent).values()]
}
