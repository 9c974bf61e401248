import type { Change, Verdict } from '../../core/change.ts'
import { FirebreakError } from '../../core/errors.ts'
import { accountOf } from './arn.ts'
import type { AccessKey, AccessKeys, KeyId, KeyStatus } from './access-keys.ts'

type Wanted = KeyId & { readonly status: KeyStatus }
type Io = { readonly accessKeys: AccessKeys; readonly signal: AbortSignal }

/**
 * What setting the status of a key would change. Predicted: IAM has no dry run. A key has no tags; its user's are its labels.
 * How many keys the account has would take a call for each user, so the fleet is left out.
 */
export async function planStatus(wanted: Wanted, { accessKeys, signal }: Io): Promise<Change> {
  const { userName, accessKeyId, status } = wanted
  const key = existing(wanted, await accessKeys.find(wanted, signal))
  const { arn, tags } = await accessKeys.user(userName, signal)
  return {
    target: {
      kind: 'aws.access-key',
      id: `${arn}#${accessKeyId}`,
      name: `${accessKeyId} of ${userName}`,
      account: accountOf(arn),
      labels: tags,
    },
    before: { status: key.status },
    after: { status },
    version: key.status,
    confidence: 'predicted',
    output: { userName, accessKeyId, status },
  }
}

/**
 * One UpdateAccessKey. IAM knows no conditional write and no idempotency token, but the call sets a state: sent twice it
 * does the same as once. The key is read just before, so that a deleted one is a conflict and not an error.
 */
export async function applyStatus(wanted: Wanted, { accessKeys, signal }: Io): Promise<void> {
  const key = existing(wanted, await accessKeys.find(wanted, signal))
  if (key.status !== wanted.status) await accessKeys.setStatus(wanted, signal)
}

/** A key that is gone was deleted by somebody else: off for good, but not by us. */
export async function probeStatus(wanted: Wanted, { accessKeys, signal }: Io): Promise<Verdict> {
  const key = await accessKeys.find(wanted, signal)
  if (key === undefined) return 'changed'
  return key.status === wanted.status ? 'applied' : 'absent'
}

function existing({ userName, accessKeyId }: KeyId, key: AccessKey | undefined): AccessKey {
  if (key !== undefined) return key
  throw new FirebreakError('provider.not-found', `User ${userName} has no access key ${accessKeyId}`, {
    remedy: 'Look up the owner with aws.find-access-key; a key that was deleted needs no deactivation.',
  })
}

/** Firebreak would lock itself out in the middle of a run. Asked here too, of the very client that would do it. */
export async function refuseOwnKey(accessKeyId: string, accessKeys: AccessKeys): Promise<void> {
  if ((await accessKeys.own()) !== accessKeyId) return
  throw new FirebreakError('guardrail.never-touch', `${accessKeyId} is the key that Firebreak itself uses`, {
    remedy: 'Give Firebreak another key first, restart it, then deactivate this one.',
  })
}
