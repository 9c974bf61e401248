import { h } from './dom.js'
import { emoji } from './emoji.js'
import { channelTag, date, decode, groupTag, link, plain, userTag } from './inline.js'

/** Slack's mrkdwn as DOM nodes. */
export function mrkdwn(text) {
  return text.split(/```\n?([\s\S]*?)\n?```/).flatMap((part, index) => {
    if (index % 2 === 1) return [h('pre', {}, decode(part))]
    return part === '' ? [] : quotes(part)
  })
}

function quotes(text) {
  const nodes = []
  let quoted = []
  const flush = () => {
    if (quoted.length > 0) nodes.push(h('blockquote', {}, lines(quoted)))
    quoted = []
  }
  let plainLines = []
  const flushPlain = () => {
    if (plainLines.length > 0) nodes.push(...lines(plainLines))
    plainLines = []
  }
  for (const line of text.split('\n')) {
    const match = /^(?:&gt;|>) ?(.*)$/.exec(line)
    if (match === null) {
      flush()
      plainLines.push(line)
    } else {
      flushPlain()
      quoted.push(match[1])
    }
  }
  flush()
  flushPlain()
  return nodes
}

function lines(all) {
  return all.flatMap((line, index) => (index === 0 ? inline(line) : [h('br'), ...inline(line)]))
}

const before = String.raw`(?<![\w])`
const after = String.raw`(?![\w])`
const token = new RegExp(
  [
    '<([^<>]+)>',
    '`([^`]+)`',
    `${before}\\*(\\S(?:[^*]*\\S)?)\\*${after}`,
    `${before}_(\\S(?:[^_]*\\S)?)_${after}`,
    `${before}~(\\S(?:[^~]*\\S)?)~${after}`,
    ':([a-z0-9_+-]+):',
  ].join('|'),
  'gu',
)

function inline(text) {
  const nodes = []
  let end = 0
  for (const match of text.matchAll(token)) {
    nodes.push(decode(text.slice(end, match.index)))
    nodes.push(node(match))
    end = match.index + match[0].length
  }
  nodes.push(decode(text.slice(end)))
  return nodes.filter((part) => part !== '')
}

function node([, special, code, bold, italic, strike, name]) {
  if (special !== undefined) return reference(special)
  if (code !== undefined) return h('code', {}, decode(code))
  if (bold !== undefined) return h('strong', {}, inline(bold))
  if (italic !== undefined) return h('em', {}, inline(italic))
  if (strike !== undefined) return h('s', {}, inline(strike))
  return emoji(name)
}

/** What stands between angle brackets. */
function reference(inside) {
  const bar = inside.indexOf('|')
  const target = bar < 0 ? inside : inside.slice(0, bar)
  const label = bar < 0 ? '' : inside.slice(bar + 1)
  if (target.startsWith('@')) return userTag(target.slice(1))
  if (target.startsWith('#')) return channelTag(target.slice(1), label)
  if (target.startsWith('!')) return command(target.slice(1), label)
  return link(decode(target), decode(label))
}

function command(target, label) {
  const [word, ...rest] = target.split('^')
  if (word === 'subteam') return groupTag(rest[0], label)
  if (word === 'date') return date(rest[0], rest[1] ?? '{date}', decode(label))
  return h('span', { class: 'mention' }, `@${word}`)
}

/** A text object of either kind. */
export function textObject(text) {
  if (text === undefined || text === null) return []
  return text.type === 'mrkdwn' ? mrkdwn(text.text) : plain(text.text)
}
