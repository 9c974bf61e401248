import { byId, fill, h } from './dom.js'
import { composer } from './composer.js'
import { messageList } from './messages.js'
import { ask, place } from './store.js'

const main = byId('channel')
let shown = ''
let list

/** The open channel: heading, messages, composer. */
export function renderChannel(state) {
  const channel = state.channels.find((c) => c.id === place.channel)
  if (channel === undefined) {
    main.replaceChildren(h('p', { class: 'empty' }, 'No channel.'))
    shown = ''
    return
  }
  const version = JSON.stringify([
    state.me,
    channel.id,
    channel.name,
    channel.topic,
    channel.members,
    channel.archived,
    channel.joined,
    channel.bookmarks,
  ])
  if (version !== shown) build(channel)
  shown = version
  const messages = state.messages.filter(
    (m) => m.channel === channel.id && (m.thread_ts === undefined || m.thread_ts === m.ts || m.broadcast),
  )
  list.show(messages, { names: state.me })
  markRead(channel, messages)
}

export function channelLabel(channel) {
  return channel.kind === 'im' ? channel.name : `#${channel.name}`
}

function build(channel) {
  const label = channelLabel(channel)
  list = messageList(`Messages in ${label}`)
  const closed = channel.archived ? 'This channel is archived.' : 'You are not in this channel.'
  fill(main, [
    h(
      'header',
      { class: 'pane-header' },
      h('h2', {}, channel.private ? '(private) ' : '', label),
      h('span', { class: 'topic' }, channel.topic),
      channel.bookmarks.map((b) =>
        h(
          'a',
          {
            class: 'bookmark',
            href: /^https?:/.test(b.link) ? b.link : undefined,
            target: '_blank',
            rel: 'noopener noreferrer',
          },
          b.title,
        ),
      ),
      channel.kind === 'im' ? [] : h('span', { class: 'members' }, `${channel.members} members`),
    ),
    list.node,
    channel.joined && !channel.archived
      ? composer(`Message ${label}`, () => ({ channel: channel.id }))
      : h('p', { class: 'empty' }, closed),
  ])
  requestAnimationFrame(() => {
    list.node.scrollTop = list.node.scrollHeight
  })
}

function markRead(channel, messages) {
  const newest = messages.at(-1)
  if (channel.unread > 0 && newest !== undefined && !document.hidden)
    void ask('read', { channel: channel.id, ts: newest.ts })
}
