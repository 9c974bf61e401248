import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, withoutPostgres, type Postgres } from '../support/postgres.ts'
import { embeddedStorm, type Report } from './storm.ts'
import { alertStorm } from './alert-storm.ts'
import { sharedStorm } from './shared-storm.ts'

// A fifth of the nightly storm (nightly.ts): the same seeds would choose the same victims and times again.

const MINUTES = 60_000

function tell({ violations, ...report }: Report): void {
  console.log(JSON.stringify(report))
  expect(violations).toEqual([])
  expect(report.accepted).toBeGreaterThan(report.runs / 4)
}

it(
  'an embedded bot that is killed at random loses nothing and does nothing twice',
  { timeout: 4 * MINUTES },
  async () => {
    tell(await embeddedStorm({ seed: Date.now() % 1e6, kills: 20, runsPerLife: 6 }))
  },
)

const skip = withoutPostgres()

describe.skipIf(skip)('two replicas', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.remove())

  it(
    'killed, stopped, and left without their database or their engine, lose nothing and do nothing twice unseen',
    { timeout: 4 * MINUTES },
    async () => {
      const seed = Date.now() % 1e6
      tell(await sharedStorm({ seed, postgres, kills: 8, hangs: 2, outages: 1, drops: 1, runsPerBlow: 8 }))
    },
  )

  it(
    'under a thousand alerts about two hundred targets stay within every budget, and lose nothing',
    { timeout: 3 * MINUTES },
    async () => {
      const limits = { perSecond: 40, atOnce: 8 }
      const report = await alertStorm({ postgres, alerts: 1000, targets: 200, ...limits, kills: false })
      console.log(JSON.stringify(report))
      expect(report).toMatchObject({ decided: 1000, effects: 200, violations: [] })
    },
  )
})
