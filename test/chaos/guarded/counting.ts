import type { Fact, FactType } from '../../../src/core/fact.ts'
import { haveAgreed } from './agreement.ts'
import { ends, type Intent, ofType, type Past } from './past.ts'
import type { Allowance } from './situation.ts'

const settled: ReadonlySet<FactType> = new Set([
  'step.succeeded',
  'step.satisfied',
  'step.skipped',
  'step.failed',
])

/** P8: no more than that, across runs; or as many as people have agreed to. */
export function overAllowance(past: Past, intent: Intent): string[] {
  return (past.truth.allowances ?? []).flatMap((allowance) => {
    const { limit, beyond } = allowance
    const taken = effectsIn(intent, allowance)
    if (taken.size < limit) return []
    if (beyond !== undefined && haveAgreed(past, intent, [beyond])) return []
    return [`${intent.effect} was begun although ${[...taken].join(', ')} had taken all ${limit}`]
  })
}

/** Other effects that count now. */
function effectsIn({ effect, fact, before }: Intent, { windowMs }: Allowance): Set<string> {
  const now = Date.parse(fact.time)
  const counts = ofType(before, 'step.intended').filter((other) =>
    windowMs === undefined ? isUnderWay(other, before) : Date.parse(other.time) > now - windowMs,
  )
  const names = new Set(counts.map(({ run, step }) => `${run}/${step}`))
  names.delete(effect)
  return names
}

function isUnderWay({ run, step, seq }: Fact, before: readonly Fact[]): boolean {
  return !before.slice(seq).some((later) => {
    if (later.run !== run) return false
    if (ends.has(later.type)) return true
    const isAbsent = later.type === 'step.probed' && later.data.verdict === 'absent'
    return later.step === step && (isAbsent || settled.has(later.type))
  })
}
