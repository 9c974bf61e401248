import { h } from './dom.js'
import { ask } from './store.js'

let lists = 0

/** A select whose options the app suggests while somebody types. */
export function externalSelect(spec, { address, chosen, labelledBy, onchange }) {
  lists += 1
  const id = `suggestions-${lists}`
  const list = h('ul', { id, class: 'menu', role: 'listbox', 'aria-label': 'Suggestions', hidden: true })
  const input = combobox(spec, { id, labelledBy })
  const box = h('span', { class: 'overflow wide' }, input, list)
  const picked = { option: chosen ?? spec.initial_option ?? null, timer: undefined }
  input.value = picked.option?.text.text ?? ''
  box.read = () => picked.option?.value ?? null

  const open = (yes) => {
    list.hidden = !yes
    input.setAttribute('aria-expanded', String(yes))
  }
  const choose = (option) => {
    picked.option = option
    input.value = option.text.text
    open(false)
    input.focus()
    void onchange(option.value, box)
  }
  const look = async () => {
    const options = picked.option === null ? await suggestions(spec, address, input) : undefined
    if (options !== undefined) list.replaceChildren(...entries(options, choose))
    open(options !== undefined)
  }
  input.addEventListener('input', () => {
    picked.option = null
    clearTimeout(picked.timer)
    picked.timer = setTimeout(() => void look(), 150)
  })
  input.addEventListener('focus', () => void look())
  box.addEventListener('keydown', (event) => keys(event, { list, open }))
  box.addEventListener('focusout', (event) => {
    if (!box.contains(event.relatedTarget)) open(false)
  })
  return box
}

function combobox(spec, { id, labelledBy }) {
  return h('input', {
    type: 'text',
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    'aria-label': labelledBy === undefined ? (spec.placeholder?.text ?? 'Search') : undefined,
    'aria-labelledby': labelledBy,
    placeholder: spec.placeholder?.text,
    autocomplete: 'off',
  })
}

/** Undefined when the query is too short, or no longer what is in the field when the answer comes. */
async function suggestions(spec, address, input) {
  const query = input.value
  if (query.length < (spec.min_query_length ?? 3)) return undefined
  const options = (await ask('suggest', { ...address, actionId: spec.action_id, query })) ?? []
  return input.value === query ? options : undefined
}

function entries(options, choose) {
  if (options.length === 0) return [h('li', { class: 'empty' }, 'No result')]
  return options.map((option) => {
    const pick = { type: 'button', role: 'option', onclick: () => choose(option) }
    return h('li', { role: 'none' }, h('button', pick, option.text.text))
  })
}

/** Arrow down goes into the list; Escape closes it, and only it. */
function keys(event, { list, open }) {
  if (event.key === 'ArrowDown' && event.target.matches('input')) list.querySelector('button')?.focus()
  if (event.key !== 'Escape' || list.hidden) return
  event.stopPropagation()
  event.preventDefault()
  open(false)
}
