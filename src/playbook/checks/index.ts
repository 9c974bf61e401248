import { approval } from './approval.ts'
import { byHand } from './by-hand.ts'
import type { Check } from './check.ts'
import { constantWhen } from './constant-when.ts'
import { evidence } from './evidence.ts'
import { expiryWithoutTtl } from './expiry-without-ttl.ts'
import { fileName } from './file-name.ts'
import { idleKey } from './idle-key.ts'
import { instance } from './instance.ts'
import { longTimeout } from './long-timeout.ts'
import { retry } from './retry.ts'
import { role } from './role.ts'
import { sameTarget } from './same-target.ts'
import { timeout } from './timeout.ts'
import { ttlWithoutEffect } from './ttl-without-effect.ts'
import { ttlWithoutUndo } from './ttl-without-undo.ts'
import { undoForbidden } from './undo-forbidden.ts'
import { unreachable } from './unreachable.ts'
import { unusedInput } from './unused-input.ts'
import { unusedRead } from './unused-read.ts'

/**
 * What is asked of a playbook beyond that it cannot fail. An effect without a probe is not among it: `defineEffect` does
 * not let one be written.
 */
export const checks: {
  /** Of what a file itself says. */
  readonly own: readonly Check[]
  /** Of all its steps together, with those of the playbooks that it runs. */
  readonly whole: readonly Check[]
} = {
  own: [
    approval,
    byHand,
    constantWhen,
    expiryWithoutTtl,
    fileName,
    idleKey,
    instance,
    retry,
    role,
    timeout,
    ttlWithoutEffect,
    unreachable,
    unusedInput,
  ],
  // What hangs on the head (why the playbook acts, how long it may take) hangs on the head of whoever runs it.
  whole: [evidence, longTimeout, sameTarget, ttlWithoutUndo, undoForbidden, unusedRead],
}
