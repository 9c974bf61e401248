import { byId, h } from './dom.js'
import { textObject } from './mrkdwn.js'

/** Asks before an element with `confirm` acts. */
export function confirmed(confirm) {
  if (confirm === undefined || confirm === null) return Promise.resolve(true)
  const dialog = byId('confirm')
  return new Promise((resolve) => {
    const done = (answer) => () => {
      dialog.close()
      resolve(answer)
    }
    const yes = h(
      'button',
      { class: confirm.style === 'danger' ? 'danger' : 'primary', onclick: done(true) },
      textObject(confirm.confirm),
    )
    dialog.replaceChildren(
      h('h2', { id: 'confirm-title' }, textObject(confirm.title)),
      h('div', { class: 'confirm-text' }, textObject(confirm.text)),
      h(
        'div',
        { class: 'dialog-buttons' },
        h('button', { onclick: done(false) }, textObject(confirm.deny)),
        yes,
      ),
    )
    dialog.addEventListener('cancel', () => resolve(false), { once: true })
    dialog.showModal()
  })
}
