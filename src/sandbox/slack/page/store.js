import { toast } from './dom.js'

/** Where the reader is. Kept in the address, so that a reload and a second tab show the same. */
export const place = readPlace()

/** The newest answer of the server, for the person of this tab. */
export const store = { state: undefined }

const listeners = new Set()

export function onState(listener) {
  listeners.add(listener)
}

function readPlace() {
  const params = new URLSearchParams(location.hash.slice(1))
  return {
    user: params.get('user') ?? '',
    channel: params.get('channel') ?? '',
    thread: params.get('thread') ?? '',
    drawer: params.get('drawer') ?? '',
  }
}

export function go(change) {
  Object.assign(place, change)
  const params = new URLSearchParams(Object.entries(place).filter(([, value]) => value !== ''))
  history.replaceState(null, '', `#${params}`)
  if ('user' in change) void refresh()
  else render()
}

export function render() {
  if (store.state === undefined) return
  for (const listener of listeners) listener(store.state)
}

let running
let again = false

/** Fetches and shows the state; calls while one is under way share a single further one. */
export function refresh() {
  again = true
  running ??= fetchState().finally(() => {
    running = undefined
  })
  return running
}

async function fetchState() {
  try {
    while (again) {
      again = false
      const user = place.user
      const response = await fetch(`/page/state?user=${encodeURIComponent(user)}`)
      const state = await response.json()
      if (!response.ok) throw new Error(state.message)
      if (user === place.user) show(state)
      else again = true
    }
  } catch (error) {
    toast(`The page cannot reach its server: ${error.message}`, 'error')
  }
}

function show(state) {
  store.state = state
  if (place.user === '') place.user = state.me
  if (!state.channels.some((c) => c.id === place.channel)) place.channel = state.channels[0]?.id ?? ''
  render()
}

export function follow() {
  const stream = new EventSource('/page/stream')
  stream.addEventListener('message', () => {
    void refresh()
  })
}

/** Asks the server to do something as the person of this tab. Undefined when it failed; the reader is told why. */
export async function ask(what, body = {}) {
  try {
    const response = await fetch(`/page/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: place.user, ...body }),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.message)
    return answer
  } catch (error) {
    toast(error.message, 'error')
    return undefined
  }
}

export const failures = {
  operation_timeout: 'The app did not answer within 3 seconds.',
  dispatch_failed: 'The app is not connected.',
  invalid_response: 'The app answered something Slack does not understand.',
}
