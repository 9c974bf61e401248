import type { SlackWeb } from './web.ts'

/** 200 channels a page, and the method is limited to some 20 calls a minute. */
const MAX_PAGES = 10

/** Ids of channels that playbooks and configuration call by name: only an id can be read back, and names change. */
export type ChannelIds = { readonly idOf: (channel: string) => Promise<string> }

export function createChannelIds(web: Pick<SlackWeb, 'channels'>): ChannelIds {
  const ids = new Map<string, string>()
  return {
    idOf: async (channel) => {
      if (/^[CGD][A-Z0-9]{6,}$/.test(channel)) return channel
      const name = channel.replace(/^#/, '')
      if (!ids.has(name)) await look(web, name, ids)
      // Slack also takes a name; without the scope to list channels that is all there is.
      return ids.get(name) ?? `#${name}`
    },
  }
}

async function look(web: Pick<SlackWeb, 'channels'>, name: string, ids: Map<string, string>): Promise<void> {
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await web.channels(cursor)
    if (!answer.ok) return
    for (const { id, name: found } of answer.value.channels) ids.set(found, id)
    cursor = answer.value.next
    if (ids.has(name) || cursor === undefined || cursor === '') return
  }
}
