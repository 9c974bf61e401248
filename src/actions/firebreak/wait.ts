import { z } from 'zod'
import { defineWait } from '../../core/action.ts'
import { parseDuration } from '../../core/duration.ts'
import { firebreak } from '../../providers/firebreak.ts'

/** At most a week, which is 168 h: a run that waits keeps its targets claimed. Four digits of minutes end within it. */
const upToAWeek = /^([1-9]\d{0,3}[sm]|([1-9]\d?|1[0-5]\d|16[0-8])h|[1-7]d)$/

export const wait = defineWait({
  name: 'firebreak.wait',
  title: 'Wait',
  effect: 'wait',
  provider: firebreak,
  contract: 1,
  permissions: { plan: {}, apply: {} },
  input: z.strictObject({
    for: z
      .string()
      .regex(upToAWeek, 'a duration from 1s to 7d, such as 10m')
      .describe('How long, from 1s to 7d, such as 10m'),
  }),
  output: z.strictObject({ until: z.string().describe('When it was over') }),
  waitMs: (input) => parseDuration(input.for) ?? 0,
})
