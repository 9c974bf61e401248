import type { Firebreak } from '../../core/app.ts'
import type { Fact } from '../../core/fact.ts'
import { context, section } from './block.ts'
import type { ChannelIds } from './channels.ts'
import type { Gates } from './gates.ts'
import { eventTypes } from './ids.ts'
import type { Log } from './log.ts'
import { fence } from './text.ts'
import type { SlackWeb } from './web.ts'

/** At most one checkpoint a minute, however many runs end. */
const GAP_MS = 60_000

type Options = {
  readonly app: Firebreak
  readonly web: SlackWeb
  readonly channels: ChannelIds
  readonly gates: Gates
  readonly log: Log
  readonly channel: string
}

/** Posts checkpoints of the audit log where an intruder on the machine cannot take them back (DESIGN section 9). */
export type Anchor = { readonly hear: (facts: readonly Fact[]) => void }

const ends: ReadonlySet<Fact['type']> = new Set<Fact['type']>([
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'run.expired',
  'freeze.set',
  'freeze.lifted',
])

export function createAnchor(options: Options): Anchor {
  let due = false
  let running = false
  const pump = async () => {
    while (due) {
      due = false
      await post(options)
      await options.gates.pause(GAP_MS)
    }
    running = false
  }
  return {
    hear: (facts) => {
      if (!facts.some(({ type }) => ends.has(type))) return
      due = true
      if (running) return
      running = true
      void pump()
    },
  }
}

async function post({ app, web, channels, log, channel }: Options): Promise<void> {
  try {
    const checkpoint = await app.audit.checkpoint()
    const [, size = '?'] = checkpoint.split('\n')
    const text = `Checkpoint of the audit log at ${size} entries.`
    const answer = await web.post({
      channel: await channels.idOf(channel),
      text,
      blocks: [
        section(fence(checkpoint, 2500)),
        context('Keep this message: an export of the log must contain this state.'),
      ],
      metadata: { event_type: eventTypes.note, event_payload: { run: '', key: `checkpoint ${size}` } },
    })
    if (!answer.ok) log.warn({ fault: answer.fault }, 'checkpoint not posted')
  } catch (error) {
    log.error({ why: error instanceof Error ? error.message : String(error) }, 'checkpoint not made')
  }
}
