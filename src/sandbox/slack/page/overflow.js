import { h } from './dom.js'
import { textObject } from './mrkdwn.js'

/** The "⋯" menu. Escape and leaving it close it. */
export function overflow(spec, act) {
  const menu = h('ul', { class: 'menu', role: 'menu', hidden: true })
  const open = (yes) => {
    menu.hidden = !yes
    opener.setAttribute('aria-expanded', String(yes))
  }
  const opener = h(
    'button',
    {
      type: 'button',
      class: 'plain',
      'aria-label': 'More actions',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      onclick: () => open(menu.hidden),
    },
    '⋯',
  )
  const choose = (value) => {
    open(false)
    void act(value, opener)
  }
  menu.append(...spec.options.map((option) => entry(option, choose)))
  const box = h('span', { class: 'overflow' }, opener, menu)
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') open(false)
  })
  box.addEventListener('focusout', (event) => {
    if (!box.contains(event.relatedTarget)) open(false)
  })
  return box
}

function entry(option, choose) {
  const button = h(
    'button',
    { type: 'button', role: 'menuitem', onclick: () => choose(option.value) },
    textObject(option.text),
  )
  return h('li', { role: 'none' }, button)
}
