import { blocks } from './blocks.js'
import { byId, h, toast } from './dom.js'
import { plain } from './inline.js'
import { ask, failures, refresh, store } from './store.js'

const box = byId('dialog')
let shown = ''

/** Errors to show, by block, for one view; gone when the view changes. */
let faults = { viewId: '', errors: {}, trouble: '' }

/** Shows the top view of the person's stack, or none. */
export function renderDialog(state) {
  const view = state.views.at(-1)
  if (view === undefined) {
    if (box.open) box.close()
    shown = ''
    return
  }
  const version = `${view.id} ${view.hash} ${state.views.length}`
  if (version === shown) return
  shown = version
  faults = { viewId: view.id, errors: {}, trouble: '' }
  draw(view, state.views.length)
}

function draw(view, depth) {
  const form = makeForm(view)
  const target = { address: { viewId: view.id }, values: () => form.values(), form }
  const body = h('form', { novalidate: true, onsubmit: (event) => submit(event, { view, form, depth }) })
  body.append(
    ...blocks(view.blocks, target),
    h('p', { class: 'error', role: 'alert', hidden: faults.trouble === '' }, faults.trouble),
    buttons(view, depth),
  )
  box.replaceChildren(
    h(
      'header',
      {},
      h('h2', { id: 'dialog-title' }, plain(view.title.text)),
      h(
        'button',
        {
          class: 'icon',
          'aria-label': 'Close dialog',
          onclick: () => ask('close', { viewId: view.id, all: true }),
        },
        '✕',
      ),
    ),
    body,
  )
  if (!box.open) box.showModal()
  const invalid = box.querySelector('[aria-invalid=true]')
  invalid?.focus()
}

function buttons(view, depth) {
  const cancel = plain(view.close?.text ?? (depth > 1 ? 'Back' : view.submit ? 'Cancel' : 'Close'))
  return h(
    'div',
    { class: 'dialog-buttons' },
    h('button', { type: 'button', onclick: () => ask('close', { viewId: view.id }) }, cancel),
    view.submit ? h('button', { type: 'submit', class: 'primary' }, plain(view.submit.text)) : [],
  )
}

function makeForm(view) {
  const readers = []
  return {
    readers,
    errors: faults.errors,
    state: (blockId, actionId) => view.state.values[blockId]?.[actionId],
    values: () => {
      const values = {}
      for (const { blockId, actionId, read } of readers) {
        values[blockId] ??= {}
        values[blockId][actionId] = read()
      }
      return values
    },
    // What was entered is kept on the server, so that a reload shows it again.
    changed: (blockId, actionId, value) => {
      void ask('fill', { viewId: view.id, values: { [blockId]: { [actionId]: value } } })
    },
    dispatch: (blockId, element) =>
      ask('act', { viewId: view.id, blockId, actionId: element.action_id, value: readOne(readers, blockId) }),
  }
}

function readOne(readers, blockId) {
  return readers.find((reader) => reader.blockId === blockId)?.read() ?? null
}

async function submit(event, { view, form, depth }) {
  event.preventDefault()
  const button = box.querySelector('button[type=submit]')
  button.disabled = true
  button.setAttribute('aria-busy', 'true')
  const answer = await ask('submit', { viewId: view.id, values: form.values() })
  button.disabled = false
  button.removeAttribute('aria-busy')
  if (answer === undefined || answer.ok) return
  const input = answer.error === 'invalid_input'
  faults = {
    viewId: view.id,
    errors: input ? answer.errors : {},
    trouble: input ? '' : 'We had some trouble connecting. Try again?',
  }
  if (!input) toast(failures[answer.error] ?? answer.error, 'error')
  // The server has kept what was typed; draw that, with the errors.
  await refresh()
  const kept = store.state.views.find((v) => v.id === view.id)
  if (kept !== undefined) draw(kept, depth)
}

box.addEventListener('cancel', (event) => {
  event.preventDefault()
  void ask('close', { viewId: faults.viewId })
})
