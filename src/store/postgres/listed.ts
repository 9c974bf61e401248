import { z } from 'zod'

/** A list as `json_agg` gives it, which of nothing makes null. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullable()
    .transform((list) => list ?? [])

export const Claim = z.object({ target: z.string(), run: z.string() })
