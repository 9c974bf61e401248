import { randomUUID } from 'node:crypto'
import type { Challenge, DecisionOutcome, Firebreak, SignedAction } from '../core/app.ts'
import { canonicalJson, sha256Hex } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Evidence } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { Account } from '../core/person.ts'
import { openRequest } from '../core/run.ts'
import { SIGNATURE_NAMESPACE, SignedMessage } from '../core/wire.ts'
import { verifySshSignature } from '../policy/ssh-signature.ts'
import { stateOf } from './decide.ts'
import type { BotParts } from './parts.ts'

/** How long a text may be signed. */
const LIFETIME_MS = 10 * 60_000
/** Whoever can open the socket can ask for texts; more than this are not kept. */
const MAX_OPEN = 10_000

/** What to do once a signature is verified: the bot's own use cases. */
export type Doers = {
  readonly decide: (said: SignedMessage, by: Account, evidence: Evidence) => Promise<DecisionOutcome>
  readonly run: (
    what: { playbook: string; inputs: JsonObject; reason: string },
    by: Account,
  ) => Promise<string>
  readonly cancel: (run: string, by: Account, reason: string) => Promise<void>
  readonly undo: (run: string, by: Account) => Promise<string>
  readonly freeze: (by: Account, reason: string) => Promise<void>
  readonly thaw: (by: Account, reason: string) => Promise<void>
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
    signed: async ({ message, signature }) => {
      const verified = verifySshSignature({ message, signature, namespace: SIGNATURE_NAMESPACE })
      if (!verified.ok) return refusedSignature(verified.reason)
      const said = readMessage(message)
      if (said?.log !== origin)
        return refusedSignature('the signed text is not a decision for this Firebreak')
      const text = sha256Hex(message)
      const until = issued.get(text)
      issued.delete(text)
      if (until === undefined)
        return refusedSignature('its text was used before, or is not from this process')
      if (until <= parts.clock.now()) return refusedSignature('the time to sign it is over')
      const by = { via: 'ssh', fingerprint: verified.fingerprint } as const
      const { decision } = said
      return decision === 'approve' || decision === 'reject'
        ? doers.decide(said, by, { kind: 'ssh', message, signature })
        : acts[decision](doers, said, by)
    },
  }
}

/** The end of each open text's time, by the digest of the text: a text may be long. */
type Issued = Map<string, number>
type Issuing = { readonly origin: string; readonly issued: Issued }

function challenge(parts: BotParts, action: SignedAction, { origin, issued }: Issuing): Challenge {
  const now = parts.clock.now()
  // Oldest first, as a Map keeps them.
  for (const [text, until] of issued) if (until <= now || issued.size >= MAX_OPEN) issued.delete(text)
  const { kind, ...about } = action
  const expires = new Date(now + LIFETIME_MS).toISOString()
  const said = { log: origin, decision: kind, ...about, ...shownPlan(parts, action) }
  const message = canonicalJson({ ...said, nonce: randomUUID(), expires })
  issued.set(sha256Hex(message), now + LIFETIME_MS)
  return { message, expires }
}

/** What an approval or a rejection is about: the plan as it waits now. */
function shownPlan(parts: BotParts, action: SignedAction): { digest?: string } {
  if (action.kind !== 'approve' && action.kind !== 'reject') return {}
  const open = openRequest(stateOf(parts, action.run))
  if (open) return { digest: open.digest }
  throw new FirebreakError('approval.not-open', `Run ${action.run} waits for nobody`, {
    remedy: `Look at \`firebreak runs show ${action.run}\`.`,
  })
}

type Act = (doers: Doers, said: SignedMessage, by: Account) => Promise<DecisionOutcome>

const why = ({ reason }: SignedMessage): string => reason ?? 'no reason given'

const acts: { readonly [D in Exclude<SignedMessage['decision'], 'approve' | 'reject'>]: Act } = {
  run: async (doers, said, by) => {
    const { playbook = '', inputs = {} } = said
    return { kind: 'done', run: await doers.run({ playbook, inputs, reason: why(said) }, by) }
  },
  cancel: async (doers, said, by) => {
    await doers.cancel(said.run ?? '', by, why(said))
    return { kind: 'done' }
  },
  undo: async (doers, { run = '' }, by) => ({ kind: 'done', run: await doers.undo(run, by) }),
  freeze: async (doers, said, by) => {
    await doers.freeze(by, why(said))
    return { kind: 'done' }
  },
  thaw: async (doers, said, by) => {
    await doers.thaw(by, why(said))
    return { kind: 'done' }
  },
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
