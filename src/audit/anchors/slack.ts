import { FirebreakError } from '../../core/errors.ts'
import { parseCheckpoint } from '../checkpoint.ts'
import type { Anchor } from './anchor.ts'

/** What the Slack surface hands in. Both reject when Slack does not answer or refuses. */
export type AnchorChannel = {
  readonly post: (channel: string, text: string, signal: AbortSignal) => Promise<void>
  /** Texts of the bot's own messages as Slack gives them back, newest first. */
  readonly history: (channel: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>
}

type Options = {
  readonly name: string
  readonly channel: string
  /** Undefined until Slack is connected. */
  readonly slack: () => AnchorChannel | undefined
}

const MARK = 'firebreak-checkpoint'
const MARKED = new RegExp(String.raw`${MARK} ([A-Za-z0-9+/]{40,8000}={0,2})`)

/**
 * Checkpoints as messages of a channel. Slack escapes and links what is in a text, and a signature does not survive
 * that: the checkpoint itself stands in it as base64, below what people read.
 */
export function slackAnchor({ name, channel, slack }: Options): Anchor {
  return {
    name,
    place: `Slack channel ${channel}`,
    put: async (checkpoint, signal) => connected(slack).post(channel, messageOf(checkpoint), signal),
    recent: async (limit, signal) => {
      const texts = await connected(slack).history(channel, limit, signal)
      return texts.flatMap(checkpointIn)
    },
  }
}

function connected(slack: Options['slack']): AnchorChannel {
  const channel = slack()
  if (channel !== undefined) return channel
  throw new FirebreakError('audit.no-anchor', 'Slack is not connected yet', {
    remedy: 'Wait, or see `firebreak doctor`.',
  })
}

function messageOf(checkpoint: string): string {
  const { size, root } = parseCheckpoint(checkpoint)
  const base64 = Buffer.from(checkpoint).toString('base64')
  return `Checkpoint of the audit log: ${size} entries, root ${root}\n\`\`\`${MARK} ${base64}\`\`\``
}

function checkpointIn(text: string): string[] {
  const [, base64] = MARKED.exec(text) ?? []
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64').toString()]
}
