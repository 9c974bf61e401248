import { h } from './dom.js'
import { ask, store } from './store.js'

/** The line at the bottom: plain messages and slash commands; Enter sends, Shift+Enter breaks the line. */
export function composer(label, where) {
  const hint = h('p', { class: 'command-hint', hidden: true })
  const input = h('textarea', { rows: 1, 'aria-label': label, placeholder: label })
  const send = async (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (text === '') return
    input.value = ''
    fit(input)
    hint.hidden = true
    if ((await ask('compose', { ...where(), text })) === undefined) input.value = text
  }
  input.addEventListener('input', () => {
    fit(input)
    showHint(hint, input.value)
  })
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void send(event)
  })
  const button = h('button', { class: 'primary send', 'aria-label': 'Send' }, '➤')
  const box = h('div', { class: 'composer-box' }, input, button)
  return h('form', { class: 'composer', onsubmit: (event) => void send(event) }, hint, box)
}

/** As tall as its text, up to eight lines. */
function fit(input) {
  input.style.height = 'auto'
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`
}

function showHint(hint, text) {
  const known = text.startsWith('/')
    ? store.state.commands.filter((c) => c.command.startsWith(text.split(/\s/)[0]))
    : []
  hint.hidden = known.length === 0
  hint.replaceChildren(...known.map((c) => h('span', {}, h('strong', {}, c.command), ` ${c.usageHint}`)))
}
