import { parseDuration } from '../../core/duration.ts'
import type { ContainmentWish } from '../../core/app.ts'
import type { SignedMessage } from '../../core/wire.ts'
import type { BotParts } from '../parts.ts'
import { doing, type Doers } from '../signed.ts'
import type { Wish } from '../wish.ts'
import { keep, lift, renew } from './decide.ts'

/** What people sign about a containment. */
export function containmentDoers(parts: BotParts): Pick<Doers, 'renew' | 'lift' | 'keep'> {
  return {
    renew: doing((said, wish) => {
      const forMs = said.for === undefined ? undefined : parseDuration(said.for)
      return renew(parts, { ...aboutOf(said, wish), ...(forMs === undefined ? {} : { forMs }) })
    }),
    lift: async (said, wish) => ({
      kind: 'done',
      run: (await lift(parts, aboutOf(said, wish))).state.id,
    }),
    keep: doing((said, wish) => keep(parts, aboutOf(said, wish))),
  }
}

function aboutOf({ run = '', step = '' }: SignedMessage, wish: Wish): ContainmentWish {
  return { run, step, ...wish }
}
