import { h } from './dom.js'
import { emoji } from './emoji.js'
import { channelTag, date, groupTag, link, userTag } from './inline.js'

export function richText(block) {
  return (block.elements ?? []).map(part)
}

function part(element) {
  const inside = () => (element.elements ?? []).map(inline)
  switch (element.type) {
    case 'rich_text_preformatted':
      return h('pre', {}, inside())
    case 'rich_text_quote':
      return h('blockquote', {}, inside())
    case 'rich_text_list':
      return list(element)
    default:
      return h('p', {}, inside())
  }
}

function list(element) {
  const tag = element.style === 'ordered' ? 'ol' : 'ul'
  const entries = (element.elements ?? []).map((entry) => h('li', {}, (entry.elements ?? []).map(inline)))
  return h(tag, { class: `indent-${element.indent ?? 0}` }, entries)
}

function inline(element) {
  return styled(bare(element), element.style ?? {})
}

function bare(element) {
  switch (element.type) {
    case 'text':
      return h('span', { class: 'text' }, element.text)
    case 'link':
      return link(element.url, element.text)
    case 'emoji':
      return emoji(element.name)
    case 'user':
      return userTag(element.user_id)
    case 'usergroup':
      return groupTag(element.usergroup_id)
    case 'channel':
      return channelTag(element.channel_id)
    case 'broadcast':
      return h('span', { class: 'mention' }, `@${element.range}`)
    case 'date':
      return date(element.timestamp, element.format, element.fallback)
    default:
      return h('span', {}, element.value ?? '')
  }
}

function styled(node, style) {
  const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code', underline: 'u' }
  return Object.entries(tags).reduce((inner, [key, tag]) => (style[key] ? h(tag, {}, inner) : inner), node)
}
