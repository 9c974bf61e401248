import type { Message } from './block.ts'
import { refusalCard } from './cards.ts'
import { readCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { answering } from './desk.ts'
import { eventTypes } from './ids.ts'
import { onRead } from './on-read.ts'
import type { MentionPayload } from './payload.ts'

/**
 * Slash commands do not work in threads, so a question may also be asked by naming the bot. Only questions: a message
 * can be edited, forwarded and quoted, so it decides nothing.
 */
export async function onMention(desk: Desk, { event }: MentionPayload): Promise<void> {
  const reply = async ({ text, blocks }: Message) => {
    const mark = { event_type: eventTypes.note, event_payload: { run: '', key: `mention ${event.ts}` } }
    const threadTs = event.thread_ts ?? event.ts
    const answer = await desk.web.post({ channel: event.channel, text, blocks, metadata: mark, threadTs })
    if (!answer.ok) desk.log.warn({ fault: answer.fault }, 'slack mention not answered')
  }
  await answering(desk, reply, async () => {
    const command = readCommand(event.text.replaceAll(/<@[UW][A-Z0-9]+>/g, ' '))
    switch (command.word) {
      case 'help':
      case 'playbooks':
      case 'status':
        return await onRead(desk, { user: event.user, team: undefined }, command)
      case 'menu':
        return await onRead(desk, { user: event.user, team: undefined }, { word: 'status' })
      default:
        return refusalCard({
          code: 'usage.bad-arguments',
          message: 'Here I answer status, playbooks and help.',
          remedy: 'For everything else type /firebreak in the channel.',
        })
    }
  })
}
