import type { AckFn, App, ViewResponseAction, ViewSubmitAction } from '@slack/bolt'
import type { Desk, Reply } from './desk.ts'
import { answering } from './desk.ts'
import { callbackIds } from './ids.ts'
import { libraryLog } from './library-log.ts'
import { note } from './cards.ts'
import type { AckForm } from './in-time.ts'
import { onButton } from './on-button.ts'
import { onCommand } from './on-command.ts'
import { onForm } from './on-form.ts'
import { onMention } from './on-mention.ts'
import { onWordForm } from './on-word-form.ts'
import { ButtonPayload, CommandPayload, FormPayload, MentionPayload } from './payload.ts'
import type { SocketReceiver } from './receiver.ts'
import type { Respond } from './respond.ts'
import type { Secret } from '../../core/secret.ts'
import { settings } from './web.ts'

export type BoltOptions = {
  readonly desk: Desk
  readonly receiver: SocketReceiver
  readonly respond: Respond
  readonly botToken: Secret
  readonly apiUrl?: string
}

/** Bolt, told who it is (so that it asks nobody, trap 3), with listeners that only parse, answer and hand over. */
export async function createBolt({ desk, receiver, respond, botToken, apiUrl }: BoltOptions): Promise<App> {
  const [bolt, slack] = await Promise.all([import('@slack/bolt'), import('@slack/web-api')])
  const { log, identity } = desk
  const app = new bolt.App({
    receiver,
    token: botToken.reveal(),
    botId: identity.bot,
    botUserId: identity.botUser,
    tokenVerificationEnabled: false,
    convoStore: false,
    logger: libraryLog(log, bolt.LogLevel.WARN),
    clientOptions: settings(slack, { log, ...(apiUrl === undefined ? {} : { apiUrl }) }, 10_000),
  })
  app.error(async (error) => {
    log.error({ code: error.code, why: error.message }, 'slack listener failed')
  })
  listen(app, desk, respond)
  return app
}

function listen(app: App, desk: Desk, respond: Respond): void {
  const replyTo =
    (url: string | undefined): Reply =>
    (message) =>
      respond(url, message)
  const unreadable = (kind: string) => desk.log.warn({ kind }, 'slack payload cannot be read')

  app.command(/^\//, async ({ ack, body }) => {
    // At once and empty: the answer comes by the response URL, which is good for half an hour.
    await ack()
    const read = CommandPayload.safeParse(body)
    if (!read.success) return unreadable('command')
    await answering(desk, replyTo(read.data.response_url), async () =>
      read.data.command === '/firebreak'
        ? await onCommand(desk, read.data)
        : note('I answer /firebreak only.'),
    )
  })

  app.action(/.*/, async ({ ack, body }) => {
    await ack()
    const read = ButtonPayload.safeParse(body)
    if (!read.success) return unreadable('action')
    await answering(desk, replyTo(read.data.response_url), () => onButton(desk, read.data))
  })

  for (const [callback, handle] of Object.entries(forms)) {
    app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: callback }, async ({ ack, body }) => {
      const read = FormPayload.safeParse(body)
      if (read.success) return await handle(desk, read.data, ackForm(ack))
      await ack()
      unreadable('form')
    })
  }

  app.event('app_mention', async ({ body }) => {
    const read = MentionPayload.safeParse(body)
    if (read.success) await onMention(desk, read.data)
    else unreadable('mention')
  })
}

const forms: { readonly [callback: string]: typeof onForm } = {
  [callbackIds.start]: onForm,
  [callbackIds.breakGlass]: onWordForm,
  [callbackIds.review]: onWordForm,
}

/** Bolt wants answers that it may write into. */
function ackForm(ack: AckFn<ViewResponseAction>): AckForm {
  return async (answer) => {
    if (answer === undefined) await ack()
    else if (answer.response_action === 'errors') await ack({ ...answer, errors: { ...answer.errors } })
    else await ack({ ...answer })
  }
}
