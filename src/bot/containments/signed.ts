import { parseDuration } from '../../core/duration.ts'
import type { ContainmentWish } from '../../core/app.ts'
import type { SignedMessage } from '../../core/wire.ts'
import type { BotParts } from '../parts.ts'
import type { Doers } from '../signed.ts'
import type { Wish } from '../wish.ts'
import { keep, lift, renew } from './decide.ts'

const done = { kind: 'done' } as const

/** What people sign about a containment. */
export function containmentDoers(parts: BotParts): Pick<Doers, 'renew' | 'lift' | 'keep'> {
  return {
    renew: async (said, wish) => {
      const forMs = said.for === undefined ? undefined : parseDuration(said.for)
      await renew(parts, { ...aboutOf(said, wish), ...(forMs === undefined ? {} : { forMs }) })
      return done
    },
    lift: async (said, wish) => ({ ...done, run: (await lift(parts, aboutOf(said, wish))).state.id }),
    keep: async (said, wish) => {
      await keep(parts, aboutOf(said, wish))
      return done
    },
  }
}

function aboutOf({ run = '', step = '' }: SignedMessage, wish: Wish): ContainmentWish {
  return { run, step, ...wish }
}
