import type { Firebreak } from '../../core/app.ts'
import type { RunModel } from './summary.ts'

/** A run as it is now, with all that its messages depend on. Throws `run.unknown`. */
export async function modelOf(app: Firebreak, run: string, now = Date.now()): Promise<RunModel> {
  const view = await app.run(run)
  const probed = new Set<string>()
  for (const fact of await app.facts(run)) {
    if (fact.type === 'step.probed' && fact.step !== undefined && fact.data.verdict === 'applied')
      probed.add(fact.step)
  }
  const frozen = (await app.frozen())?.reason
  return { view, probed, now, ...(frozen === undefined ? {} : { frozen }) }
}
