import { keyOf } from './kinds.ts'
import { matcherOf } from './read.ts'
import type { Call, Target } from './request.ts'
import { expired, notModelled } from './status.ts'
import type { Store, WatchEvent } from './store.ts'
import { namespaceOf, type Obj } from './value.ts'

/** Where the events of a watch go: one JSON object a line. */
export type Sink = { readonly send: (event: Obj) => void; readonly end: () => void }

/** What an event is to a watch with selectors: an object that begins to match is ADDED, one that no longer does is DELETED. */
function seen(event: WatchEvent, matches: (object: Obj) => boolean): WatchEvent['type'] | undefined {
  const now = event.type !== 'DELETED' && matches(event.object)
  const before = event.before !== undefined && matches(event.before)
  if (now) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

/** Serves a watch until its `timeoutSeconds` or until the returned function is called. */
export function watch(store: Store, target: Target, to: { call: Call; sink: Sink }): () => void {
  const { call, sink } = to
  if (call.query.has('sendInitialEvents')) throw notModelled('sendInitialEvents')
  const matches = matcherOf(target, call.query)
  const from = call.query.get('resourceVersion') ?? ''
  const key = keyOf(target.kind)
  const inScope = (object: Obj): boolean =>
    target.namespace === undefined || namespaceOf(object) === target.namespace
  const pass = (event: WatchEvent): void => {
    if (event.key !== key || !inScope(event.object)) return
    const type = seen(event, matches)
    if (type !== undefined) sink.send({ type, object: event.object })
  }
  if (from === '' || from === '0') {
    for (const object of store.list(target.kind, target.namespace).filter(matches))
      sink.send({ type: 'ADDED', object })
  } else if (Number(from) < store.oldest) {
    sink.send({ type: 'ERROR', object: expired(`too old resource version: ${from} (${store.oldest})`).body })
    sink.end()
    return () => undefined
  } else for (const event of store.since(Number(from))) pass(event)
  const stop = store.subscribe(pass)
  const seconds = Number(call.query.get('timeoutSeconds') ?? '0')
  const timer = seconds > 0 ? setTimeout(sink.end, seconds * 1000) : undefined
  return () => {
    stop()
    clearTimeout(timer)
  }
}
