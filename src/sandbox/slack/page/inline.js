import { h } from './dom.js'
import { emoji } from './emoji.js'
import { store } from './store.js'

/** Slack's three escapes. */
export function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

export function userTag(id) {
  const user = store.state?.users[id]
  return h('span', { class: id === store.state?.me ? 'mention me' : 'mention' }, `@${user?.realName ?? id}`)
}

export function channelTag(id, label = '') {
  const channel = store.state?.channels.find((c) => c.id === id)
  return h('span', { class: 'mention' }, `#${channel?.name ?? (label === '' ? 'private channel' : label)}`)
}

export function groupTag(id, label = '') {
  return h('span', { class: 'mention' }, `@${store.state?.groups[id] ?? (label.replace(/^@/, '') || id)}`)
}

/** Only web and mail addresses become links; `javascript:` and its like stay text. */
export function link(url, label) {
  if (!/^(https?|mailto):/i.test(url)) return h('span', {}, label || url)
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label || url)
}

const dateParts = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  date_pretty: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short_pretty: { year: 'numeric', month: 'short', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
}

export function date(seconds, format, fallback) {
  const when = new Date(Number(seconds) * 1000)
  if (Number.isNaN(when.getTime())) return fallback ?? ''
  const text = format.replaceAll(/\{(\w+)\}/g, (all, part) => {
    const options = Object.hasOwn(dateParts, part) ? dateParts[part] : undefined
    return options === undefined ? all : new Intl.DateTimeFormat('en-GB', options).format(when)
  })
  return h('time', { datetime: when.toISOString(), title: when.toString() }, text)
}

/** Text with `:emoji:` and nothing else. */
export function plain(text) {
  return text
    .split(/:([a-z0-9_+-]+):/)
    .map((part, index) => (index % 2 === 1 ? emoji(part) : decode(part)))
    .filter((part) => part !== '')
}
