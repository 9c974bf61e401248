import type { AnyProvider } from '../core/provider.ts'
import type { BotParts } from '../bot/parts.ts'
import { judgeGate } from '../bot/gate.ts'
import type { Config } from '../config/config.ts'
import type { EngineParts } from '../engine/parts.ts'
import { neverTouch } from '../policy/never-touch.ts'
import { createClients } from '../providers/clients.ts'

type Wiring = Omit<BotParts, 'driver' | 'notes' | 'localOwner' | 'playbooks'> &
  Pick<EngineParts, 'stopping' | 'boundary'>

/** What the engine needs, from what the bot has. */
export function engineParts(wiring: Wiring): EngineParts {
  const { config, actions, library, boundary, ...shared } = wiring
  const providers: AnyProvider[] = [...new Set(Object.values(actions).map(({ provider }) => provider))]
  return {
    ...shared,
    actions,
    ...(boundary === undefined ? {} : { boundary }),
    clients: createClients(providers, {
      ...config.providers,
      slack: { default: {} },
      firebreak: { default: {} },
    }),
    load: library.load,
    policy: {
      neverTouch: (target) =>
        neverTouch(target, { rules: config.guardrails.neverTouch, own: ownIdentities(config) })?.reason,
      gate: (run, approval, gate) => judgeGate(wiring, run, { approval, gate }),
    },
  }
}

/** The access keys that the bot itself signs with. Actions refuse what they can tell by themselves, such as a role's key. */
function ownIdentities(config: Config): string[] {
  return Object.values(config.providers.aws).flatMap(({ credentials }) => {
    if (typeof credentials !== 'object' || credentials === null || !('accessKeyId' in credentials)) return []
    const { accessKeyId } = credentials
    return typeof accessKeyId === 'string' ? [accessKeyId] : []
  })
}
