import { z } from 'zod'
import { defineManual } from '../../core/action.ts'
import { firebreak } from '../../providers/firebreak.ts'

export const manual = defineManual({
  name: 'firebreak.manual',
  title: 'Ask a person to do something by hand',
  effect: 'manual',
  provider: firebreak,
  contract: 1,
  permissions: { plan: {}, apply: {} },
  input: z.strictObject({
    who: z.string().min(1).max(80).describe('The role whose persons may say that it is done'),
    what: z.string().min(1).max(500).describe('What the person has to do, in words'),
    // No blanks, quotes, angle brackets or bars: surfaces make a link of it.
    link: z
      .string()
      .max(1000)
      .regex(/^https:\/\/[^\s<>|"`]+$/, 'an https address')
      .optional()
      .describe('Where it is done, as an https address'),
  }),
  output: z.strictObject({ confirmed: z.boolean().describe('The probe of the step has seen it') }),
  ask: (input) => ({
    who: input.who,
    what: input.what,
    ...(input.link === undefined ? {} : { link: input.link }),
  }),
})
