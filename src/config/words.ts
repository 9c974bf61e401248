import { z } from 'zod'
import { durationPattern } from '../core/duration.ts'

// What several parts of the file are made of.

export const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name is lower-case letters, digits and hyphens')
export const filled = z.string().min(1).max(1024)
export const url = z.url({ protocol: /^https?$/ })

/** How long: a whole number and `s`, `m`, `h` or `d`. */
export const Duration = z
  .string()
  .regex(durationPattern, 'a duration is a whole number with s, m, h or d, such as 30m')

/** Secrets are never written in the file, only where they are. */
export const SecretRef = z.union([
  z.strictObject({
    env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
  }),
  z.strictObject({ file: filled }),
])
export type SecretRef = z.infer<typeof SecretRef>

export const secret = (what: string) => SecretRef.describe(`${what}, as { env: NAME } or { file: PATH }`)
