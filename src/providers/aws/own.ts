import type { OwnAnswer, OwnNeed } from '../../core/provider.ts'
import type { AccessKeys } from './access-keys.ts'
import { accountOf } from './arn.ts'
import { known, together } from '../own.ts'
import type { Identity } from './identity.ts'

type Account = { readonly accessKeys: AccessKeys; readonly identity: Identity }

/**
 * Who Firebreak is to this account, with the key that it signs with. STS answers whoever has a valid key: no right is
 * needed, and none can be taken away (API reference, GetCallerIdentity).
 */
export async function ownOf({ accessKeys, identity }: Account, signal: AbortSignal): Promise<OwnAnswer> {
  const key: OwnNeed = { id: await accessKeys.own(), why: 'Firebreak signs with this key' }
  const caller = await known('which user or role Firebreak is', async () => {
    const arn = await identity(signal)
    accountOf(arn)
    return { needs: identitiesIn(arn), unknown: [] }
  })
  return together([{ needs: [key], unknown: [] }, caller])
}

/**
 * The user or the role behind a caller. Every key of the user counts too: whoever may switch off the other one has the
 * wrong one by a slip. A session tells its role's name without the path.
 */
export function identitiesIn(arn: string): readonly OwnNeed[] {
  const why = 'Firebreak acts as it'
  const caller: OwnNeed = { id: arn, why }
  const [, partition, account, role] = /^arn:([^:]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn) ?? []
  if (role === undefined) return [caller]
  const roles = `arn:${partition}:iam::${account}:role/`
  return [caller, { id: `${roles}${role}`, why }, { id: `${roles}*/${role}`, why }]
}
