import { h } from './dom.js'
import { link, plain } from './inline.js'

/** The common part of Markdown that a `markdown` block shows: headings, lists, quotes, fences, emphasis, links. */
export function markdown(text) {
  return text.split(/^```.*\n([\s\S]*?)\n?```$/m).flatMap((part, index) => {
    return index % 2 === 1 ? [h('pre', {}, part)] : part.split(/\n{2,}/).flatMap(paragraph)
  })
}

function paragraph(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return []
  const heading = /^(#{1,6})\s+(.*)$/.exec(lines[0])
  if (heading !== null) {
    return [h('p', { class: 'md-heading' }, inline(heading[2])), ...paragraph(lines.slice(1).join('\n'))]
  }
  if (lines.every((line) => /^\s*[-*+]\s/.test(line))) return [h('ul', {}, lines.map(item))]
  if (lines.every((line) => /^\s*\d+[.)]\s/.test(line))) return [h('ol', {}, lines.map(item))]
  if (lines.every((line) => line.startsWith('>'))) {
    return [h('blockquote', {}, paragraph(lines.map((line) => line.replace(/^> ?/, '')).join('\n')))]
  }
  return [
    h(
      'p',
      {},
      lines.flatMap((line, index) => (index === 0 ? inline(line) : [h('br'), ...inline(line)])),
    ),
  ]
}

function item(line) {
  return h('li', {}, inline(line.replace(/^\s*([-*+]|\d+[.)])\s+/, '')))
}

const token = /\*\*(.+?)\*\*|\*(\S.*?)\*|`([^`]+)`|~~(.+?)~~|\[([^\]]+)\]\(([^)\s]+)\)/g

function inline(text) {
  const nodes = []
  let end = 0
  for (const match of text.matchAll(token)) {
    nodes.push(...plain(text.slice(end, match.index)), node(match))
    end = match.index + match[0].length
  }
  nodes.push(...plain(text.slice(end)))
  return nodes
}

function node([, bold, italic, code, strike, label, url]) {
  if (bold !== undefined) return h('strong', {}, inline(bold))
  if (italic !== undefined) return h('em', {}, inline(italic))
  if (code !== undefined) return h('code', {}, code)
  if (strike !== undefined) return h('s', {}, inline(strike))
  return link(url, label)
}
