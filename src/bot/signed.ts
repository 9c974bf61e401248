import { randomUUID } from 'node:crypto'
import type { Challenge, DecisionOutcome, Firebreak, SignedAction } from '../core/app.ts'
import { canonicalJson, sha256Hex } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence } from '../core/fact.ts'
import type { Account } from '../core/person.ts'
import { openRequest } from '../core/run.ts'
import { SIGNATURE_NAMESPACE, SignedMessage } from '../core/wire.ts'
import { verifySshSignature } from '../policy/ssh-signature.ts'
import { stateOf } from './decide.ts'
import { refuse, type BotParts } from './parts.ts'
import type { Wish } from './wish.ts'

/** How long a text may be signed. */
const LIFETIME_MS = 10 * 60_000
/** Whoever can open the socket can ask for texts; more than this are not kept. */
const MAX_OPEN = 10_000

/** What to do once a signature is verified: the bot's own use cases. */
export type Doers = {
  readonly [D in SignedMessage['decision']]: (
    said: SignedMessage,
    wish: SignedWish,
  ) => Promise<DecisionOutcome>
}

/** A wish with the signature that proves it. */
export type SignedWish = Wish & { readonly evidence: Evidence }

/** Of what is simply done there is nothing more to say. */
export function doing(
  work: (said: SignedMessage, wish: SignedWish) => Promise<void>,
): Doers[SignedMessage['decision']] {
  return async (said, wish) => {
    await work(said, wish)
    return { kind: 'done' }
  }
}

/**
 * Decisions from the command line (DESIGN section 8). The text says everything: this log, this run, this plan, this
 * decision, this reason. It comes from this process, to the letter, is good once, and for ten minutes: a text that
 * somebody composed themselves, around whatever nonce, or kept for later, decides nothing.
 */
export function createSigned(
  parts: BotParts,
  origin: string,
  doers: Doers,
): Pick<Firebreak, 'challenge' | 'signed'> {
  const issued: Issued = new Map()
  return {
    challenge: (action) => challenge(parts, action, { origin, issued }),
    signed: async (given) => {
      const accepted = accept(parts, given, { origin, issued })
      if ('refused' in accepted) return refuseSignature(parts, accepted)
      const { said, by } = accepted
      const { reason = 'no reason given' } = said
      return doers[said.decision](said, { by, reason, evidence: { kind: 'ssh', ...given } })
    },
  }
}

type Signed = { readonly message: string; readonly signature: string }
type Accepted = { readonly said: SignedMessage; readonly by: Account }
type Refused = { readonly refused: string; readonly by: Account }

function accept(
  parts: BotParts,
  { message, signature }: Signed,
  { origin, issued }: Issuing,
): Accepted | Refused {
  const verified = verifySshSignature({ message, signature, namespace: SIGNATURE_NAMESPACE })
  const by: Account = { via: 'ssh', fingerprint: verified.ok ? verified.fingerprint : 'unknown' }
  if (!verified.ok) return { refused: verified.reason, by }
  const said = readMessage(message)
  if (said?.log !== origin) return { refused: 'the signed text is not a decision for this Firebreak', by }
  const text = sha256Hex(message)
  const until = issued.get(text)
  issued.delete(text)
  if (until === undefined) return { refused: 'its text was used before, or is not from this process', by }
  return until > parts.clock.now() ? { said, by } : { refused: 'the time to sign it is over', by }
}

/** The end of each open text's time, by the digest of the text: a text may be long. */
type Issued = Map<string, number>
type Issuing = { readonly origin: string; readonly issued: Issued }

async function challenge(
  parts: BotParts,
  action: SignedAction,
  { origin, issued }: Issuing,
): Promise<Challenge> {
  const now = parts.clock.now()
  // Oldest first, as a Map keeps them.
  for (const [text, until] of issued) if (until <= now || issued.size >= MAX_OPEN) issued.delete(text)
  const { kind, ...about } = action
  const expires = new Date(now + LIFETIME_MS).toISOString()
  const said = { log: origin, decision: kind, ...about, ...(await shownPlan(parts, action)) }
  const message = canonicalJson({ ...said, nonce: randomUUID(), expires })
  issued.set(sha256Hex(message), now + LIFETIME_MS)
  return { message, expires }
}

/** What an approval or a rejection is about: the plan as it waits now. */
async function shownPlan(parts: BotParts, action: SignedAction): Promise<{ digest?: string }> {
  if (!['approve', 'reject', 'break-glass'].includes(action.kind) || !('run' in action)) return {}
  const open = openRequest(await stateOf(parts, action.run))
  if (open) return { digest: open.digest }
  throw new FirebreakError('approval.not-open', `Run ${action.run} waits for nobody`, {
    remedy: `Look at \`firebreak runs show ${action.run}\`.`,
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

async function refuseSignature(parts: BotParts, { refused, by }: Refused): Promise<DecisionOutcome> {
  const error = { code: 'authority.bad-signature', message: `The signature does not count: ${refused}` }
  await refuse(parts, { command: 'signed decision', account: by, error })
  const remedy = 'Ask for a new text and sign it with `ssh-keygen -Y sign -n firebreak-decision`.'
  return { kind: 'refused', ...error, remedy }
}
