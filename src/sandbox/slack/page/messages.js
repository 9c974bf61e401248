import { h, reconcile } from './dom.js'
import { message } from './message.js'

/** A live list of messages that stays at its end while the reader is there. */
export function messageList(label) {
  const list = h('div', {
    class: 'messages',
    role: 'log',
    'aria-live': 'polite',
    'aria-label': label,
    tabindex: '0',
  })
  return {
    node: list,
    show: (messages, { inThread = false, names = '' } = {}) => {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60
      reconcile(
        list,
        messages.map((m) => ({
          key: m.ts,
          version: JSON.stringify(m) + names,
          render: () => message(m, inThread),
        })),
      )
      if (atEnd) list.scrollTop = list.scrollHeight
    },
  }
}
