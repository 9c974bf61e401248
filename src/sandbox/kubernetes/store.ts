import { randomUUID } from 'node:crypto'
import { builtIn, CustomResource, apiVersionOf, keyOf, kindsOf, type Kind } from './kinds.ts'
import { clone, nameOf, namespaceOf, objAt, put, same, type Obj } from './value.ts'

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  readonly key: string
  readonly object: Obj
  /** The object before a change, so that a watch with a selector can tell an entry from a change. */
  readonly before?: Obj
}

/** Versions start here, so that "1" is always too old, as it is on a server that has run for a while. */
const FIRST_VERSION = 1000

/** Events kept for watches that resume. Older ones are answered with 410 Expired. */
const HISTORY = 10_000

function slot(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** All objects, with resource versions and the history that watches read. It knows nothing of HTTP or of rules. */
export class Store {
  readonly now: () => Date
  version = FIRST_VERSION
  /** Watches that resume from before this version are told that it is too old. */
  oldest = FIRST_VERSION
  readonly #objects = new Map<string, Map<string, Obj>>()
  readonly #listeners = new Set<(event: WatchEvent) => void>()
  #history: WatchEvent[] = []

  constructor(now: () => Date) {
    this.now = now
  }

  kinds(): Kind[] {
    return [...builtIn, ...this.list(CustomResource).flatMap(kindsOf)]
  }

  kindOf(apiVersion: string, kind: string): Kind | undefined {
    return this.kinds().find((each) => each.kind === kind && apiVersionOf(each) === apiVersion)
  }

  get(kind: Kind, namespace: string | undefined, name: string): Obj | undefined {
    const found = this.#objects.get(keyOf(kind))?.get(slot(kind.namespaced ? namespace : undefined, name))
    return found === undefined ? undefined : clone(found)
  }

  /** Copies, sorted by namespace and name as etcd keys are. */
  list(kind: Kind, namespace?: string): Obj[] {
    const all = [...(this.#objects.get(keyOf(kind)) ?? [])]
    return all
      .filter(([, object]) => namespace === undefined || namespaceOf(object) === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => clone(object))
  }

  /** Gives an object what the server gives: uid, creation time, names of its API. */
  stamp(kind: Kind, object: Obj): Obj {
    const stamped: Obj = { kind: kind.kind, apiVersion: apiVersionOf(kind), ...clone(object) }
    put(stamped, ['metadata', 'uid'], randomUUID())
    put(stamped, ['metadata', 'creationTimestamp'], this.time())
    if (kind.generation) put(stamped, ['metadata', 'generation'], 1)
    return stamped
  }

  add(kind: Kind, object: Obj): Obj {
    return this.#commit(kind, { type: 'ADDED', object })
  }

  /** A write that changes nothing keeps the resource version, as on the server. */
  replace(kind: Kind, object: Obj): Obj {
    const before = this.get(kind, namespaceOf(object), nameOf(object))
    if (before !== undefined && same(withoutVersion(before), withoutVersion(object))) return before
    return this.#commit(kind, { type: 'MODIFIED', object, ...(before === undefined ? {} : { before }) })
  }

  remove(kind: Kind, object: Obj): Obj {
    return this.#commit(kind, { type: 'DELETED', object, before: object })
  }

  /** Forgets the history: a watch that resumes from before now gets 410. */
  compact(): void {
    this.oldest = this.version
    this.#history = []
  }

  since(version: number): readonly WatchEvent[] {
    return this.#history.filter((event) => event.version > version)
  }

  subscribe(listener: (event: WatchEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Times have whole seconds on the wire. */
  time(): string {
    return this.now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
  }

  #commit(kind: Kind, change: Pick<WatchEvent, 'type' | 'object' | 'before'>): Obj {
    this.version += 1
    const object = clone(change.object)
    put(object, ['metadata', 'resourceVersion'], String(this.version))
    const key = keyOf(kind)
    const shelf = this.#objects.get(key) ?? new Map<string, Obj>()
    this.#objects.set(key, shelf)
    const place = slot(namespaceOf(object), nameOf(object))
    if (change.type === 'DELETED') shelf.delete(place)
    else shelf.set(place, object)
    this.#publish({ ...change, object, key, version: this.version })
    return clone(object)
  }

  #publish(event: WatchEvent): void {
    this.#history.push(event)
    if (this.#history.length > HISTORY) this.oldest = this.#history.shift()?.version ?? this.oldest
    for (const listener of this.#listeners) listener(event)
  }
}

function withoutVersion(object: Obj): Obj {
  const { resourceVersion: _dropped, ...metadata } = objAt(object, 'metadata')
  return { ...object, metadata }
}
