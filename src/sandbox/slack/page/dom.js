/**
 * Makes an element. Text goes in as text nodes only, so nothing a message says can become markup.
 * Keys: `on…` listeners, `class`, everything else an attribute (false and undefined leave it out).
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value)
  fill(element, children)
  return element
}

/** Puts these children, nested lists and gaps allowed, in place of what is there. */
export function fill(element, children) {
  element.replaceChildren(...children.flat(3).filter((child) => child !== undefined && child !== null))
}

function setAttribute(element, key, value) {
  if (value === undefined || value === false || value === null) return
  if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
  else element.setAttribute(key, value === true ? '' : String(value))
}

/**
 * Brings a container's children in line with a list. A child whose `version` is unchanged is left alone, so that
 * focus, an open menu and a half-chosen select survive updates.
 */
export function reconcile(container, entries) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]))
  let before = null
  for (const { key, version, render } of entries) {
    const known = old.get(key)
    const keep = known !== undefined && known.dataset.version === version
    const child = keep ? known : render()
    if (!keep) {
      child.dataset.key = key
      child.dataset.version = version
      known?.replaceWith(child)
    }
    old.delete(key)
    const wanted = before === null ? container.firstElementChild : before.nextElementSibling
    if (wanted !== child) container.insertBefore(child, wanted)
    before = child
  }
  for (const gone of old.values()) gone.remove()
}

export function byId(id) {
  return document.getElementById(id)
}

export function toast(text, kind = 'info') {
  const box = h('div', { class: `toast ${kind}`, role: kind === 'error' ? 'alert' : undefined }, text)
  byId('toasts').append(box)
  setTimeout(() => box.remove(), kind === 'error' ? 8000 : 5000)
}
