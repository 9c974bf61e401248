import { z } from 'zod'
import type { Json as JsonValue } from '../core/json.ts'

/** Any JSON value, with the type that the rest of the program uses. */
export const Json: z.ZodType<JsonValue> = z.json()
