import { byId, h, reconcile, toast } from './dom.js'
import { go, onState, place } from './store.js'

const drawer = byId('drawer')
const opener = byId('open-drawer')
const tabs = { panels: 'Outside systems', wire: 'Wire' }
let timer

export function setUpDrawer() {
  opener.addEventListener('click', () => {
    go({ drawer: place.drawer === '' ? 'wire' : '' })
  })
  onState(renderDrawer)
}

/** What happens behind the page: the state of other systems, and every frame between Slack and the app. */
function renderDrawer(state) {
  const isOpen = place.drawer !== ''
  drawer.hidden = !isOpen
  opener.setAttribute('aria-expanded', String(isOpen))
  byId('app').classList.toggle('with-drawer', isOpen)
  clearInterval(timer)
  if (!isOpen) {
    delete drawer.dataset.tab
    return
  }
  const tab = place.drawer === 'panels' && state.panels.length > 0 ? 'panels' : 'wire'
  if (drawer.dataset.tab !== tab) build(state, tab)
  void update(tab)
  // Other systems do not tell the page when they change.
  if (tab === 'panels') timer = setInterval(() => void update(tab), 1500)
}

function build(state, tab) {
  drawer.dataset.tab = tab
  const names = state.panels.length > 0 ? Object.keys(tabs) : ['wire']
  const button = (name) =>
    h(
      'button',
      {
        role: 'tab',
        'aria-selected': String(name === tab),
        'aria-controls': 'drawer-body',
        onclick: () => go({ drawer: name }),
      },
      tabs[name],
    )
  drawer.replaceChildren(
    h(
      'header',
      { class: 'pane-header' },
      h('div', { role: 'tablist', 'aria-label': 'Behind the scenes' }, names.map(button)),
      h('button', { class: 'icon', 'aria-label': 'Close panel', onclick: () => go({ drawer: '' }) }, '✕'),
    ),
    h('div', { id: 'drawer-body', role: 'tabpanel', 'aria-label': tabs[tab], tabindex: '0' }),
  )
}

async function update(tab) {
  try {
    const response = await fetch(tab === 'panels' ? '/page/panels' : '/page/traffic')
    const answer = await response.json()
    const body = byId('drawer-body')
    if (body === null || drawer.dataset.tab !== tab) return
    reconcile(body, tab === 'panels' ? answer.map(panel) : answer.toReversed().map(crossing))
  } catch {
    toast('The page cannot reach its server.', 'error')
  }
}

function panel({ id, title, value, error }) {
  return {
    key: id,
    version: JSON.stringify([value, error]),
    render: () =>
      h(
        'section',
        { class: 'panel', 'aria-label': title },
        h('h3', {}, title),
        error === undefined ? content(value) : h('p', { class: 'error' }, error),
      ),
  }
}

const isFlat = (row) =>
  typeof row === 'object' &&
  row !== null &&
  !Array.isArray(row) &&
  Object.values(row).every((cell) => typeof cell !== 'object' || cell === null)

function content(value) {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFlat))
    return h('pre', {}, JSON.stringify(value, null, 2))
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))]
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((column) => h('th', { scope: 'col' }, column)),
        ),
      ),
      h(
        'tbody',
        {},
        value.map((row) =>
          h(
            'tr',
            {},
            columns.map((column) => h('td', {}, String(row[column] ?? ''))),
          ),
        ),
      ),
    ),
  )
}

function crossing(c) {
  return {
    key: String(c.n),
    version: '',
    render: () => {
      const detail = h('pre')
      const out = c.direction === 'to-app'
      return h(
        'details',
        {
          class: `crossing ${c.direction}`,
          ontoggle: () => {
            if (detail.textContent === '') detail.textContent = JSON.stringify(c.detail, null, 2)
          },
        },
        h(
          'summary',
          {},
          h(
            'span',
            { class: 'arrow', role: 'img', 'aria-label': out ? 'Slack to app' : 'app to Slack' },
            out ? '→' : '←',
          ),
          h('strong', {}, c.kind),
          h('span', { class: 'summary-text' }, c.summary),
          h('time', {}, new Date(c.time).toISOString().slice(11, 23)),
        ),
        detail,
      )
    },
  }
}
