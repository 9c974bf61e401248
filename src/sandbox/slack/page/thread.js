import { byId, h } from './dom.js'
import { composer } from './composer.js'
import { messageList } from './messages.js'
import { go, place } from './store.js'

const pane = byId('thread')
let shown = ''
let list

/** The thread beside the channel; on a phone it covers everything. */
export function renderThread(state) {
  const parent = state.messages.find((m) => m.channel === place.channel && m.ts === place.thread)
  pane.hidden = parent === undefined
  byId('app').classList.toggle('with-thread', parent !== undefined)
  if (parent === undefined) {
    shown = ''
    return
  }
  const version = `${state.me} ${place.channel} ${place.thread}`
  if (version !== shown) build()
  shown = version
  const replies = state.messages.filter(
    (m) => m.channel === parent.channel && m.thread_ts === parent.ts && m.ts !== parent.ts,
  )
  list.show([parent, ...replies], { inThread: true, names: state.me })
}

function where() {
  return { channel: place.channel, threadTs: place.thread }
}

function build() {
  list = messageList('Thread')
  pane.replaceChildren(
    h(
      'header',
      { class: 'pane-header' },
      h('h2', {}, 'Thread'),
      h('button', { class: 'icon', 'aria-label': 'Close thread', onclick: () => go({ thread: '' }) }, '✕'),
    ),
    list.node,
    composer('Reply', where),
  )
}
