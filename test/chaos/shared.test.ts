import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundaries, type Boundary } from '../../src/engine/boundary.ts'
import { startPostgres, withoutPostgres, type Postgres } from '../support/postgres.ts'
import { gaps } from './check.ts'
import { factsOf, kill, sharedState, startReplica, startWorld } from './harness.ts'
import { points } from './points.ts'
import { strikeShared, type SharedGrounds } from './shared.ts'

// P1, P5 with several processes on one journal: one is held at every boundary there is, and killed or stopped exactly
// there; another one, which was there all the time, takes over.

const skip = withoutPostgres()
let postgres: Postgres
let grounds: SharedGrounds
beforeAll(async () => {
  if (skip) return
  postgres = await startPostgres()
  const world = await startWorld()
  const store = await postgres.createDatabase()
  const state = sharedState()
  const survivor = await startReplica({ state, store, world: world.url, sender: 'survivor', silent: true })
  grounds = { world, store, state, survivor }
})
afterAll(async () => {
  if (skip) return
  const report = await grounds.survivor.call('verify')
  const missing = gaps(await factsOf(grounds.store))
  const errors = await grounds.survivor.call('errors')
  await kill(grounds.survivor)
  await grounds.world.close()
  await postgres.remove()
  // A workflow that another one starts would be a child of it, and fail with it.
  const engine = errors.filter((error) => error.includes('workflow could not be started'))
  expect({ ok: report.ok, missing, engine }).toEqual({ ok: true, missing: [], engine: [] })
})

/** The ones before and after which different things are durable; the nightly run stops a process at every one. */
const stopped: readonly Boundary[] = ['taken', 'before-intent', 'before-call', 'call-sent', 'before-outcome']
const here = boundaries.filter((boundary) => points[boundary].after === undefined)

describe.skipIf(skip)('one of two replicas, which dies', { concurrent: true }, () => {
  it.each(here)('at %s', { timeout: 60_000 }, async (boundary) => {
    expect(await strikeShared(grounds, boundary, 'SIGKILL')).toEqual([])
  })
})

describe.skipIf(skip)(
  'one of two replicas, which hangs and comes back as a zombie',
  { concurrent: true },
  () => {
    it.each(stopped)('at %s', { timeout: 60_000 }, async (boundary) => {
      expect(await strikeShared(grounds, boundary, 'SIGSTOP')).toEqual([])
    })
  },
)
