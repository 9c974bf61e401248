import { blocks } from './blocks.js'
import { h } from './dom.js'
import { emoji } from './emoji.js'
import { mrkdwn } from './mrkdwn.js'
import { go, store } from './store.js'

const hues = [14, 38, 96, 168, 200, 226, 262, 320]

function hue(id) {
  return hues[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hues.length]
}

export function avatar(id) {
  const user = store.state.users[id]
  const name = user?.realName ?? '?'
  return h(
    'span',
    { class: `avatar hue-${hue(id)}${user?.bot ? ' app' : ''}`, 'aria-hidden': 'true' },
    name.charAt(0).toUpperCase(),
  )
}

function clock(ts) {
  const when = new Date(Number(ts) * 1000)
  const text = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(when)
  return h('time', { datetime: when.toISOString(), title: when.toString() }, text)
}

/** One message; `inThread` leaves out what leads to its thread. */
export function message(m, inThread = false) {
  const user = store.state.users[m.user]
  const name = m.username ?? user?.realName ?? m.user
  return h(
    'article',
    {
      class: m.onlyForYou ? 'message ephemeral' : 'message',
      'aria-label': `${name}${m.onlyForYou ? ', only visible to you' : ''}`,
    },
    marks(m),
    avatar(m.user),
    h(
      'div',
      { class: 'message-body' },
      h(
        'header',
        {},
        h('strong', {}, name),
        badge(user),
        clock(m.ts),
        m.edited === undefined ? [] : h('small', {}, '(edited)'),
      ),
      content(m),
      files(m),
      reactions(m),
      inThread || m.onlyForYou ? [] : threadLink(m),
    ),
  )
}

function badge(user) {
  if (user?.bot) return h('span', { class: 'badge' }, 'APP')
  return user?.kind === 'external' || user?.kind === 'guest' ? h('span', { class: 'badge' }, user.kind) : []
}

function marks(m) {
  if (m.onlyForYou) return h('p', { class: 'mark' }, 'Only visible to you')
  if (m.pinned_to !== undefined) return h('p', { class: 'mark' }, 'Pinned')
  return m.broadcast ? h('p', { class: 'mark' }, '↳ also sent to the channel from a thread') : []
}

function content(m) {
  const target = { address: { channel: m.channel, ts: m.ts } }
  const attached = (m.attachments ?? []).map((a) =>
    h(
      'div',
      { class: 'attachment' },
      a.blocks === undefined ? mrkdwn(a.text ?? a.fallback ?? '') : blocks(a.blocks, target),
    ),
  )
  const body =
    m.blocks === undefined
      ? h('div', { class: m.subtype === 'tombstone' ? 'gone' : 'text' }, mrkdwn(m.text))
      : blocks(m.blocks, target)
  return [body, attached]
}

function files(m) {
  return (m.files ?? []).map((file) =>
    h(
      'a',
      { class: 'file', href: `/files/${encodeURIComponent(file.id)}`, download: file.name },
      `File: ${file.title} (${file.size} bytes)`,
    ),
  )
}

function reactions(m) {
  if (m.reactions === undefined) return []
  return h(
    'div',
    { class: 'reactions' },
    m.reactions.map((r) => h('span', {}, emoji(r.name), ` ${r.count}`)),
  )
}

function threadLink(m) {
  const count = m.replies ?? 0
  const label = count === 0 ? 'Reply in thread' : count === 1 ? '1 reply' : `${count} replies`
  return h(
    'button',
    {
      class: count === 0 ? 'thread-link none' : 'thread-link',
      onclick: () => go({ thread: m.thread_ts ?? m.ts }),
    },
    label,
  )
}
