import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundaries, type Boundary } from '../../src/engine/boundary.ts'
import { strikeEmbedded, type Grounds } from './crash.ts'
import { startWorld } from './harness.ts'
import { points } from './points.ts'

// P1, P5: a real process with a run of every kind is held at every boundary there is, and killed or stopped exactly there.

let grounds: Grounds
beforeAll(async () => {
  grounds = { world: await startWorld() }
})
afterAll(() => grounds.world.close())

const here = boundaries.filter((boundary) => points[boundary].shared === undefined)

describe.concurrent('an embedded bot that is killed, and started again, does each thing once or asks a person', () => {
  it.each(here)('at %s', { timeout: 60_000 }, async (boundary) => {
    expect(await strikeEmbedded(grounds, boundary, 'SIGKILL')).toEqual([])
  })
})

/** The nightly run stops it at every one. */
const stopped: readonly Boundary[] = ['after-intent', 'call-sent', 'before-outcome']

describe.concurrent('an embedded bot that hangs, and goes on, does each thing once or asks a person', () => {
  it.each(stopped)('at %s', { timeout: 60_000 }, async (boundary) => {
    expect(await strikeEmbedded(grounds, boundary, 'SIGSTOP')).toEqual([])
  })
})
