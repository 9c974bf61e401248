import { z } from 'zod'
import { defineProvider } from '../core/provider.ts'

/** Firebreak itself, for steps that the engine carries out alone: nothing outside is called, so there is no client. */
export const firebreak = defineProvider({
  name: 'firebreak',
  config: z.strictObject({}),
  connect: async () => ({}),
})
