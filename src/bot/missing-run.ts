import { FirebreakError } from '../core/errors.ts'
import type { Store } from '../core/ports.ts'
import { cut } from './parts.ts'

/** Why nothing is known of a run: it never was, or retention has deleted it. */
export async function missingRun(store: Pick<Store, 'forgotten'>, run: string): Promise<FirebreakError> {
  const id = cut(run, 80)
  if (await store.forgotten(run)) {
    return new FirebreakError('run.forgotten', `Run ${id} is over for so long that its data was deleted`, {
      remedy:
        'Look into an export or a sink that is older; its entries are still proved by their leaves (`firebreak audit proof`).',
    })
  }
  return new FirebreakError('run.unknown', `There is no run ${id}`, {
    remedy: 'Look at `firebreak runs` or `/firebreak status`.',
  })
}
