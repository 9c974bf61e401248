import type { Rec } from './record.ts'
import { string } from './record.ts'
import type { SocketMode, Timing } from './socket-mode.ts'
import type { World } from './world.ts'

/** Events API deliveries: the same event_id up to three more times when the app does not acknowledge. */
export type Events = {
  /** Wraps and sends an event if the app subscribes to it. Resolves when it is acknowledged or given up. */
  emit(event: Rec): Promise<'acknowledged' | 'given-up' | 'not-subscribed'>
  /** Stops all redelivery. */
  stop(): void
}

type Parts = { world: World; socket: SocketMode; timing: Timing }

const maxRetries = 3

export function createEvents(parts: Parts): Events {
  const stopping = new AbortController()
  return {
    emit: async (event) => {
      const { app } = parts.world.workspace
      if (!app.events.includes(subscription(event))) return 'not-subscribed'
      const payload = wrap(parts.world, event)
      for (let attempt = 0; attempt <= maxRetries && !stopping.signal.aborted; attempt += 1) {
        const since = performance.now()
        if (await attemptDelivery(parts, payload, attempt)) return 'acknowledged'
        await pause(parts.timing.eventRetry - (performance.now() - since), stopping.signal)
      }
      return 'given-up'
    },
    stop: () => stopping.abort(),
  }
}

async function attemptDelivery({ socket }: Parts, payload: Rec, attempt: number): Promise<boolean> {
  const reason = attempt === 0 ? '' : 'timeout'
  const delivery = await socket.deliver({
    type: 'events_api',
    payload,
    acceptsResponse: false,
    retry: { attempt, reason },
  })
  return delivery.ok
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, milliseconds))
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Messages are subscribed to by kind of conversation: `message.channels`, `message.im`. */
function subscription(event: Rec): string {
  const type = string(event['type'])
  if (type !== 'message') return type
  const kinds: Record<string, string> = { im: 'im', group: 'groups', channel: 'channels' }
  return `message.${kinds[string(event['channel_type'])] ?? 'channels'}`
}

function wrap(world: World, event: Rec): Rec {
  const { team, app } = world.workspace
  return {
    token: 'sandbox-verification',
    team_id: team.id,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: world.nextId('Ev'),
    event_time: Math.floor(world.clock.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: app.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `1-${string(event['type'])}-${team.id}-${string(event['channel'])}`,
  }
}
