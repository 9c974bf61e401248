import type { AnyProvider } from '../core/provider.ts'
import type { BotParts } from '../bot/parts.ts'
import { judgeBypass, judgeGate } from '../bot/gate.ts'
import { createRulings } from '../bot/rulings.ts'
import type { EngineParts } from '../engine/parts.ts'
import { neverTouch } from '../policy/never-touch.ts'
import { createClients } from '../providers/clients.ts'
import { askedFirst, createOwnNeeds } from './own-needs.ts'

type Wiring = Omit<BotParts, 'driver' | 'notes' | 'localOwner' | 'playbooks'> &
  Pick<EngineParts, 'stopping' | 'boundary'>

/** What the engine needs, from what the bot has. */
export function engineParts(wiring: Wiring): EngineParts {
  const { config, actions, library, boundary, ...shared } = wiring
  const providers: AnyProvider[] = [...new Set(Object.values(actions).map(({ provider }) => provider))]
  const clients = createClients(providers, {
    ...config.providers,
    slack: { default: {} },
    firebreak: { default: {} },
  })
  const own = createOwnNeeds({ providers, clients, config, log: wiring.log })
  own.keep(wiring.stopping)
  return {
    ...shared,
    actions,
    ...(boundary === undefined ? {} : { boundary }),
    clients: askedFirst(clients, own),
    load: library.load,
    policy: {
      neverTouch: (target, action) =>
        neverTouch(target, { rules: config.guardrails.neverTouch, own: own.now(), action })?.reason,
      gate: (run, approval, gate) => judgeGate(wiring, run, { approval, gate }),
      bypass: (run, bypassed) => judgeBypass(wiring, run, bypassed),
      ...createRulings(wiring),
    },
  }
}
