import { scrubData } from '../../core/scrub/data.ts'
import { scrub } from '../../core/scrub/scrub.ts'
import type { Message } from './block.ts'
import type { Log } from './log.ts'

/** Answers by a response URL: ephemeral, good 5 times within 30 minutes, and free of channel permissions. */
export type Respond = (url: string | undefined, message: Message) => Promise<void>

export function createRespond({ apiUrl, log }: { readonly apiUrl?: string; readonly log: Log }): Respond {
  const own = apiUrl === undefined ? undefined : new URL(apiUrl).origin
  return async (url, message) => {
    if (url === undefined || !isSlack(url, own)) {
      log.warn({}, 'slack gave no place to answer at')
      return
    }
    const said = { text: message.text, blocks: message.blocks }
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-8' },
        body: JSON.stringify({
          response_type: 'ephemeral',
          replace_original: false,
          ...scrubData(said, scrub),
        }),
        redirect: 'error',
        signal: AbortSignal.timeout(10_000),
      })
      if (!answer.ok) log.warn({ status: answer.status }, 'slack refused an answer')
    } catch (error) {
      log.warn({ why: error instanceof Error ? error.message : String(error) }, 'slack answer lost')
    }
  }
}

/** Only Slack, or the API that was configured in its place: a payload must not make us call anything else. */
function isSlack(url: string, own: string | undefined): boolean {
  const { origin, protocol, hostname } = new URL(url)
  return origin === own || (protocol === 'https:' && /(^|\.)slack(-gov)?\.com$/.test(hostname))
}
