import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { MASTERS, allowedBy, type User } from './rbac.ts'
import { Pod } from './kinds.ts'
import { forbidden, unauthorized } from './status.ts'
import type { Store } from './store.ts'
import { strAt } from './value.ts'

const AUTHENTICATED = 'system:authenticated'

export const admin: User = { name: 'sandbox-admin', groups: [MASTERS, AUTHENTICATED] }

/** `system:serviceaccount:<namespace>:<name>` belongs to the groups of service accounts. */
function userNamed(name: string): User {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)
  const groups = account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`]
  return { name, groups: [...groups, AUTHENTICATED] }
}

function isThere({ pod }: User, store: Store): boolean {
  if (pod === undefined) return true
  return strAt(store.get(Pod, pod.namespace, pod.name), 'metadata', 'uid') === pod.uid
}

/** Who may call, by bearer token. */
export class Users {
  readonly #byToken = new Map<string, User>()
  readonly #tokens = new Map<string, string>()

  /** The token of a user; made at the first call. */
  tokenFor(name: string): string {
    const known = this.#tokens.get(name)
    if (known !== undefined) return known
    const token = `sandbox-${randomBytes(16).toString('hex')}`
    this.#tokens.set(name, token)
    this.#byToken.set(token, name === admin.name ? admin : userNamed(name))
    return token
  }

  /** A token as the kubelet mounts it: of the service account that the pod runs as, and bound to the pod. */
  tokenOf(store: Store, namespace: string, name: string): string {
    const pod = store.get(Pod, namespace, name)
    const uid = strAt(pod, 'metadata', 'uid')
    if (uid === undefined) throw new Error(`there is no pod ${namespace}/${name}`)
    const account = strAt(pod, 'spec', 'serviceAccountName') ?? 'default'
    const node = strAt(pod, 'spec', 'nodeName') ?? ''
    const token = `sandbox-${randomBytes(16).toString('hex')}`
    const user = userNamed(`system:serviceaccount:${namespace}:${account}`)
    this.#byToken.set(token, { ...user, pod: { namespace, name, uid, node } })
    return token
  }

  /** From now on the token of this user is refused with 401. */
  revoke(name: string): void {
    const token = this.#tokens.get(name)
    this.#tokens.delete(name)
    if (token !== undefined) this.#byToken.delete(token)
  }

  /** The user of a call, after impersonation. */
  of(headers: IncomingHttpHeaders, store: Store, rbac: boolean): User {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    const user = token === undefined ? undefined : this.#byToken.get(token)
    if (user === undefined || !isThere(user, store)) throw unauthorized()
    const wanted = headers['impersonate-user']
    if (typeof wanted !== 'string') return user
    const access = { verb: 'impersonate', group: '', resource: 'users', name: wanted }
    if (rbac && allowedBy(store, user, access) === undefined) {
      const what = 'cannot impersonate resource "users" in API group "" at the cluster scope'
      throw forbidden({ group: '', kind: 'users', name: wanted }, `User "${user.name}" ${what}`)
    }
    return userNamed(wanted)
  }
}
