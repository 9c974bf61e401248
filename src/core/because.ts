import { z } from 'zod'

/** Why a playbook exists: decides which undo is allowed (a leaked key is never switched on again). */
export const Because = z.enum(['leak', 'compromise', 'defect', 'abuse', 'drill'])
export type Because = z.infer<typeof Because>
