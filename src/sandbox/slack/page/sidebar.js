import { byId, fill, h, toast } from './dom.js'
import { avatar } from './message.js'
import { ask, go, place } from './store.js'

const sidebar = byId('sidebar')
const opener = byId('open-sidebar')

export function setUpSidebar() {
  opener.addEventListener('click', () => open(!byId('app').classList.contains('sidebar-open')))
  byId('person').addEventListener('change', (event) => {
    go({ user: event.target.value, thread: '' })
  })
}

function open(yes) {
  byId('app').classList.toggle('sidebar-open', yes)
  opener.setAttribute('aria-expanded', String(yes))
}

/** Heading, person switcher, channels with unread marks, and what can happen outside Slack. */
export function renderSidebar(state) {
  document.title = `${state.title} · ${state.users[state.me].realName}`
  byId('title').textContent = state.title
  renderPeople(state)
  const version = JSON.stringify([state.channels, state.events, state.me, place.channel])
  if (sidebar.dataset.version === version) return
  sidebar.dataset.version = version
  const active = document.activeElement
  const focused = sidebar.contains(active) ? active.dataset.id : undefined
  const rooms = state.channels.filter((c) => c.kind === 'channel')
  const direct = state.channels.filter((c) => c.kind === 'im')
  fill(sidebar, [
    h(
      'div',
      { class: 'whoami' },
      avatar(state.me),
      h('div', {}, h('strong', {}, state.users[state.me].realName), h('small', {}, role(state))),
    ),
    h('h2', {}, 'Channels'),
    h('ul', {}, rooms.map(room)),
    direct.length === 0 ? [] : [h('h2', {}, 'Direct messages'), h('ul', {}, direct.map(room))],
    state.events.length === 0
      ? []
      : [h('h2', {}, 'Outside Slack'), h('ul', { class: 'events' }, state.events.map(happening))],
  ])
  if (focused !== undefined) sidebar.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus()
}

function role(state) {
  const person = state.people.find((p) => p.id === state.me)
  return person.title === '' ? person.kind : `${person.title} · ${person.kind}`
}

function room(channel) {
  const sign = channel.kind === 'im' ? '●' : channel.private ? '◆' : '#'
  const unread = channel.unread > 0
  return h(
    'li',
    {},
    h(
      'button',
      {
        class: unread ? 'room unread' : 'room',
        'data-id': channel.id,
        'aria-current': channel.id === place.channel ? 'page' : undefined,
        'aria-label': `${channel.name}${unread ? `, ${channel.unread} unread` : ''}`,
        onclick: () => {
          open(false)
          go({ channel: channel.id, thread: '' })
        },
      },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
      h('span', { class: 'room-name' }, channel.name),
      unread ? h('span', { class: 'count', 'aria-hidden': 'true' }, String(channel.unread)) : [],
    ),
  )
}

function happening(event) {
  const button = h(
    'button',
    {
      'data-id': event.id,
      title: event.hint,
      onclick: async () => {
        button.setAttribute('aria-busy', 'true')
        open(false)
        const answer = await ask('fire', { id: event.id })
        button.removeAttribute('aria-busy')
        if (answer !== undefined) toast(answer.said)
      },
    },
    h('span', {}, `⚡ ${event.label}`),
    h('small', {}, event.hint),
  )
  return h('li', {}, button)
}

function renderPeople(state) {
  const select = byId('person')
  const version = JSON.stringify(state.people)
  if (select.dataset.version !== version) {
    select.dataset.version = version
    select.replaceChildren(
      ...state.people.map((p) =>
        h(
          'option',
          { value: p.id, disabled: p.disabled },
          p.kind === 'member' ? p.realName : `${p.realName} (${p.kind})`,
        ),
      ),
    )
  }
  select.value = state.me
}
