import { startOpsgenie, type OpsgenieSandbox } from '../../src/sandbox/opsgenie/server.ts'
import { startPagerDuty, type PagerDutySandbox } from '../../src/sandbox/pagerduty/server.ts'

/** Ids of the documented examples. */
export const SCHEDULE = 'PI7DH85'
export const TEAM_SCHEDULE = 'd875a1b4-9b4e-4219-a0b3-0c26936d18de'

export const HOUR_MS = 3_600_000

/** Pat is on call from an hour before `at` to an hour after it, and then Lee. Two policies name the schedule. */
export function startedPagerDuty(at: Date, clock: () => Date = () => at): Promise<PagerDutySandbox> {
  const end = new Date(at.getTime() + HOUR_MS)
  const shifts = [
    { user: 'PXPGF42', start: new Date(at.getTime() - HOUR_MS), end },
    { user: 'PT23IWX', start: end },
  ]
  return startPagerDuty({
    clock,
    state: {
      users: new Map([
        ['PXPGF42', 'Pat'],
        ['PT23IWX', 'Lee'],
        ['PAM4FGS', 'Max'],
      ]),
      schedules: new Map([
        [SCHEDULE, { name: 'Daily Engineering Rotation', shifts }],
        ['PIDLE01', { name: 'In no policy', shifts }],
      ]),
      policies: new Map([
        ['PT20YPA', { name: 'Engineering', rules: [{ schedules: [SCHEDULE], users: ['PAM4FGS'] }] }],
        ['PT21ZQB', { name: 'Fallback', rules: [{ users: ['PAM4FGS'] }, { schedules: [SCHEDULE] }] }],
      ]),
    },
  })
}

/** Olga is on call from an hour before `at` to an hour after it, and then Otto. */
export function startedOpsgenie(at: Date, clock: () => Date = () => at): Promise<OpsgenieSandbox> {
  const end = new Date(at.getTime() + HOUR_MS)
  const shifts = [
    { user: 'Olga@example.com', start: new Date(at.getTime() - HOUR_MS), end },
    { user: 'otto@example.com', start: end },
  ]
  return startOpsgenie({
    clock,
    state: { schedules: new Map([[TEAM_SCHEDULE, { name: 'ScheduleName', enabled: true, shifts }]]) },
  })
}
