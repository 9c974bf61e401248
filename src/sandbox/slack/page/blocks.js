import { h } from './dom.js'
import { element, picture } from './elements.js'
import { inputBlock } from './fields.js'
import { markdown } from './markdown.js'
import { textObject } from './mrkdwn.js'
import { richText } from './rich-text.js'

const kinds = {
  header: (block) => h('h3', {}, textObject(block.text)),
  section,
  context: (block) =>
    block.elements.map((e) => (e.type === 'image' ? picture(e) : h('span', {}, textObject(e)))),
  divider: () => h('hr'),
  actions: (block, target) => block.elements.map((e) => element(e, block.block_id, target)),
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  image: (block) => [h('span', { class: 'caption' }, textObject(block.title)), picture(block)],
  input: inputBlock,
  alert: (block) =>
    h('p', { class: `alert-${block.level ?? 'default'}`, role: 'note' }, textObject(block.text)),
  table,
}

/** Blocks as DOM nodes; `target` tells interactive elements where they are. */
export function blocks(list, target) {
  return list.map((block) => h('div', { class: `block ${block.type}` }, render(block, target)))
}

function render(block, target) {
  if (Object.hasOwn(kinds, block.type)) return kinds[block.type](block, target)
  return h('p', { class: 'unknown' }, `A block of type ${block.type}, which this page cannot draw.`)
}

function section(block, target) {
  const text = block.text === undefined ? [] : h('div', {}, textObject(block.text))
  const parts = (block.fields ?? []).map((field) => h('div', {}, textObject(field)))
  const fields = parts.length === 0 ? [] : h('div', { class: 'fields' }, parts)
  const beside =
    block.accessory === undefined
      ? []
      : h('div', { class: 'accessory' }, element(block.accessory, block.block_id, target))
  return [h('div', { class: 'section-text' }, text, fields), beside]
}

function cell(content) {
  return content.type === 'rich_text' ? richText(content) : String(content.text ?? content.value ?? '')
}

function table(block) {
  const [head = [], ...rows] = block.rows
  const headRow = h(
    'tr',
    {},
    head.map((c) => h('th', { scope: 'col' }, cell(c))),
  )
  const bodyRows = rows.map((row) =>
    h(
      'tr',
      {},
      row.map((c) => h('td', {}, cell(c))),
    ),
  )
  return h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, headRow), h('tbody', {}, bodyRows)))
}
