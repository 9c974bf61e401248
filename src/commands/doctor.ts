import { actions } from '../actions/index.ts'
import type { Config } from '../config/config.ts'
import type { DoctorPart } from '../core/wire.ts'

/** The configured parts, who the bot is to each, and whether they answer. */
export async function doctor(
  config: Config,
  slack: { readonly ready: () => boolean } | undefined,
): Promise<DoctorPart[]> {
  const providers = [...new Set(Object.values(actions).map(({ provider }) => provider))]
  return [
    { name: 'journal', identity: config.state, ok: true },
    config.slack === undefined
      ? { name: 'slack', identity: 'not configured', ok: true }
      : { name: 'slack', identity: config.slack.channel, ok: slack?.ready() ?? false },
    ...providers.map(({ name }) => ({ name, identity: '', ok: true })),
  ]
}
