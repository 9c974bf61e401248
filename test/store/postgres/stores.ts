import { afterAll, afterEach } from 'vitest'
import { generateLogKey } from '../../../src/audit/key.ts'
import { createNotary } from '../../../src/audit/notary.ts'
import type { NewFact } from '../../../src/core/fact.ts'
import { system } from '../../../src/core/person.ts'
import type { Clock, SharedStore } from '../../../src/core/ports.ts'
import { openPostgres } from '../../../src/store/postgres.ts'
import { sharedPostgres } from '../../support/postgres.ts'

export const key = generateLogKey('example.com/log')
const notary = createNotary(key)

const opened: SharedStore[] = []

/** Closes what a test opened. */
export function closeAfterEach(): void {
  afterEach(closeAll)
}

/** For tests that run at the same time. */
export function closeAfterAll(): void {
  afterAll(closeAll)
}

async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map(({ store }) => store.close()))
}

type More = { readonly clock?: Clock; readonly protocols?: readonly number[] }

export async function openAs(executor: string, url: string, more: More = {}): Promise<SharedStore> {
  const shared = await openPostgres({ url, executor, notary, clock: { now: Date.now }, ...more })
  opened.push(shared)
  return shared
}

let template: Promise<string> | undefined

/** A database with the tables of an empty journal: copying them is faster than making them. */
export async function freshDatabase(): Promise<string> {
  template ??= makeTemplate()
  return (await sharedPostgres()).createDatabase(await template)
}

async function makeTemplate(): Promise<string> {
  const url = await (await sharedPostgres()).createDatabase()
  const { store } = await openPostgres({ url, executor: 'template', notary, clock: { now: Date.now } })
  await store.close()
  return url
}

/** Two processes on one journal, as far as the database can tell. */
export async function two(): Promise<{ a: SharedStore; b: SharedStore; url: string }> {
  const url = await freshDatabase()
  const [a, b] = await Promise.all([openAs('a', url), openAs('b', url)])
  return { a, b, url }
}

/** A fact of a run that says nothing. */
export function step(run: string, n: number, name = 'x'): NewFact {
  return { type: 'step.applied', run, n, step: name, actor: system, data: {} }
}
