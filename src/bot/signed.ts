import { randomUUID } from 'node:crypto'
import type { Challenge, DecisionOutcome, SignedAction } from '../core/app.ts'
import { canonicalJson } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence } from '../core/fact.ts'
import type { Account } from '../core/person.ts'
import { openRequest } from '../core/run.ts'
import { SIGNATURE_NAMESPACE, SignedMessage } from '../core/wire.ts'
import { verifySshSignature } from '../policy/ssh-signature.ts'
import { stateOf } from './decide.ts'
import { commit, type BotParts } from './parts.ts'

/** How long a challenge may be signed. */
const LIFETIME_MS = 10 * 60_000

/** What to do once a signature is verified: the app's own functions. */
export type Doers = {
  readonly decide: (
    said: SignedMessage,
    by: Account,
    how: { readonly evidence: Evidence; readonly reason: string | undefined },
  ) => Promise<DecisionOutcome>
  readonly cancel: (run: string, by: Account, reason: string) => Promise<void>
  readonly undo: (run: string, by: Account) => Promise<string>
  readonly freeze: (by: Account, reason: string) => Promise<void>
  readonly thaw: (by: Account, reason: string) => Promise<void>
}

/** A text to sign (DESIGN section 8). It says everything: this log, this run, this plan, this decision, once, soon. */
export function challenge(parts: BotParts, origin: string, action: SignedAction): Challenge {
  const expires = new Date(parts.clock.now() + LIFETIME_MS).toISOString()
  const base = { log: origin, decision: action.kind, nonce: randomUUID(), expires }
  if (!('run' in action)) return { message: canonicalJson(base), expires }
  const open = openRequest(stateOf(parts, action.run))
  const decides = action.kind === 'approve' || action.kind === 'reject'
  if (decides && open === undefined) {
    throw new FirebreakError('approval.not-open', `Run ${action.run} waits for nobody`, {
      remedy: `Look at \`firebreak runs show ${action.run}\`.`,
    })
  }
  const shown = decides && open ? { digest: open.digest } : {}
  return { message: canonicalJson({ ...base, run: action.run, ...shown }), expires }
}

type Signed = { readonly message: string; readonly signature: string; readonly reason?: string }
type Carrying = { readonly origin: string; readonly doers: Doers }

/** Verifies, spends the nonce, and carries out what was signed. */
export async function carryOutSigned(
  parts: BotParts,
  signed: Signed,
  { origin, doers }: Carrying,
): Promise<DecisionOutcome> {
  const { message, signature, reason } = signed
  const verified = verifySshSignature({ message, signature, namespace: SIGNATURE_NAMESPACE })
  if (!verified.ok) return refusedSignature(verified.reason)
  const said = readMessage(message)
  if (said === undefined) return refusedSignature('the signed text is not a decision of Firebreak')
  if (said.log !== origin) return refusedSignature('the signed text is for another Firebreak')
  if (!(Date.parse(said.expires) > parts.clock.now())) return refusedSignature('the time to sign it is over')
  await spend(parts, said)
  const by: Account = { via: 'ssh', fingerprint: verified.fingerprint }
  return act(said, doers, { by, evidence: { kind: 'ssh', message, signature }, reason })
}

type Act = { readonly by: Account; readonly evidence: Evidence; readonly reason: string | undefined }

async function act(
  said: SignedMessage,
  doers: Doers,
  { by, evidence, reason }: Act,
): Promise<DecisionOutcome> {
  const { decision, run = '' } = said
  const why = reason ?? 'no reason given'
  switch (decision) {
    case 'approve':
    case 'reject':
      return doers.decide(said, by, { evidence, reason })
    case 'cancel':
      await doers.cancel(run, by, why)
      return { kind: 'done', run }
    case 'undo':
      return { kind: 'done', run: await doers.undo(run, by) }
    case 'freeze':
      await doers.freeze(by, why)
      return { kind: 'done' }
    case 'thaw':
      await doers.thaw(by, why)
      return { kind: 'done' }
  }
}

/** The nonce is used once, in the journal: also across a restart. */
async function spend(parts: BotParts, { nonce, expires }: SignedMessage): Promise<void> {
  await commit(parts, {
    facts: [],
    guards: { once: { scope: 'signature', key: nonce, expires: Date.parse(expires) } },
  })
}

function readMessage(text: string): SignedMessage | undefined {
  try {
    const parsed = SignedMessage.parse(JSON.parse(text))
    return canonicalJson(parsed) === text ? parsed : undefined
  } catch {
    return undefined
  }
}

function refusedSignature(why: string): DecisionOutcome {
  return {
    kind: 'refused',
    code: 'authority.bad-signature',
    message: `The signature does not count: ${why}`,
    remedy: 'Ask for a new text and sign it with `ssh-keygen -Y sign -n firebreak-decision`.',
  }
}
