import type { DecisionOutcome, SignedAction } from '../../core/app.ts'
import { canonicalJson } from '../../core/canonical.ts'
import { type ErrorCode, errorPages, FirebreakError } from '../../core/errors.ts'
import { ChallengeAnswer, DecisionAnswer, SignedMessage } from '../../core/wire.ts'
import type { Control } from './client.ts'
import type { CommonOptions, Session } from './session.ts'
import { signWithSsh } from './ssh-sign.ts'
import { clean } from './text/clean.ts'

export type SignOptions = CommonOptions & { readonly key?: string; readonly reason?: string }

type SignedStep = {
  readonly action: SignedAction
  /** Digest of the plan that was shown, for approve, reject and break-glass. */
  readonly digest?: string
  readonly options: SignOptions
}

/** Gets a text from the bot, checks that it says what was shown, signs it with OpenSSH, and sends it back. */
export async function signAndSend(
  session: Session,
  control: Control,
  { action, digest, options }: SignedStep,
): Promise<DecisionOutcome> {
  const reason = options.reason === undefined ? {} : { reason: options.reason }
  const said = { ...action, ...reason }
  const { message } = await control.post('/v1/challenge', said, ChallengeAnswer)
  checkMessage(message, said, digest)
  const signature = await signWithSsh(message, options.key, session.deps.io)
  const outcome = await control.post('/v1/signed', { message, signature }, DecisionAnswer)
  if (outcome.kind === 'refused') throw refused(outcome)
  return outcome
}

/** A signature binds its maker: nothing is signed that differs from what the person has read. */
function checkMessage(message: string, action: SignedAction, digest: string | undefined): void {
  const said = SignedMessage.safeParse(parseOrUndefined(message)).data
  const { kind, ...wanted } = action
  const { decision, log: _, nonce: __, expires: ___, ...rest } = said ?? { decision: undefined }
  const shown = digest === undefined ? wanted : { ...wanted, digest }
  if (decision === kind && canonicalJson(rest) === canonicalJson(shown)) return
  throw new FirebreakError('cli.changed', 'the bot asks to sign something else than was shown', {
    remedy:
      digest === undefined
        ? 'Nothing was signed. Use the same version of Firebreak for the bot and for this command.'
        : 'The plan has probably changed: look at the run again, then decide.',
  })
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused({ code, message, remedy }: Extract<DecisionOutcome, { kind: 'refused' }>): FirebreakError {
  return new FirebreakError(isErrorCode(code) ? code : 'api.bad-answer', message, { remedy })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorPages, code)
}

/** What came of it, in words. */
export function outcomeText(outcome: DecisionOutcome, done: string): string {
  if (outcome.kind !== 'counted') return done
  return outcome.still.length === 0
    ? `${done}: nothing is missing any more`
    : `${done}; still missing: ${clean(outcome.still.join('; '))}`
}
