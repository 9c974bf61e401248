import type { Target } from '../core/change.ts'

// A guardrail that is dodged by another spelling guards nothing. So both sides, what a rule says and what a target is, are
// brought to one form, which is coarser than any system's own: letters match in either case, also where the system tells
// them apart. It may take two things for one, which refuses too much; it must not miss one.

/** Every way in which people may name a target, each folded. */
export type Spellings = {
  readonly kinds: readonly string[]
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly namespaces: readonly string[]
  readonly accounts: readonly string[]
  readonly labels: readonly (readonly [string, string])[]
}

export function spellingsOf(target: Target): Spellings {
  const kind = fold(target.kind)
  const ids = idsOf(foldId(target.id))
  const names = namesOf(target)
  return {
    kinds: [kind],
    ids,
    names,
    namespaces: target.namespace === undefined ? namespaceItself(kind, names) : [fold(target.namespace)],
    accounts: target.account === undefined ? ids.flatMap(accountIn) : [fold(target.account)],
    labels: Object.entries(target.labels ?? {}).map(([label, value]) => [fold(label), fold(value)] as const),
  }
}

/** `kubernetes.deployment` and `Deployment` are one kind. */
export function bareKind(folded: string): string {
  return folded.slice(folded.lastIndexOf('.') + 1)
}

/**
 * An access key is `ARN of its user#key id`: a rule may name either. A secret's ARN ends in six characters that the service
 * made, and people, like the service itself, leave them out (Secrets Manager, "Finding a secret from a partial ARN").
 */
function idsOf(id: string): readonly string[] {
  const parts = id.includes('#') ? [id, ...id.split('#').map(foldId)] : [id]
  const [, partial] = /^(arn:aws:secretsmanager:[^:]*:[^:]*:secret:.+)-[a-z0-9]{6}$/.exec(id) ?? []
  return partial === undefined ? parts : [...parts, partial]
}

/** `namespace/name` is also `name`; `AKIA… of user` is also the key and the user. */
function namesOf({ name, namespace }: Target): readonly string[] {
  const whole = fold(name)
  const [, what, owner] = /^(.+) of (.+)$/.exec(whole) ?? []
  const prefix = namespace === undefined ? undefined : `${fold(namespace)}/`
  return [
    whole,
    ...(what === undefined || owner === undefined ? [] : [what, owner]),
    ...(prefix !== undefined && whole.startsWith(prefix) ? [whole.slice(prefix.length)] : []),
  ]
}

/** Whoever touches a namespace touches what is in it. With or without the cluster in front of its name. */
function namespaceItself(kind: string, names: readonly string[]): readonly string[] {
  return bareKind(kind) === 'namespace' ? names.map((name) => name.slice(name.lastIndexOf('/') + 1)) : []
}

function accountIn(id: string): readonly string[] {
  const [, account] = /^arn:aws:[^:]*:[^:]*:(\d{12}):/.exec(id) ?? []
  return account === undefined ? [] : [account]
}

/** Partitions (`aws-us-gov`, `aws-cn`, or left out) tell ARNs apart that a rule means alike. `arn:*:` stays a pattern. */
export function foldId(id: string): string {
  return fold(id).replace(/^arn:(aws(-[a-z0-9-]+)?)?:/, 'arn:aws:')
}

const plain = /^[\u0021-\u007E]*$/

/** One form for whatever looks the same: case, accents, invisible characters, dashes, look-alikes, blanks and dots at an end. */
export function fold(text: string): string {
  const shown = plain.test(text) ? text.toLowerCase() : foldForeign(text)
  return shown.replaceAll(/[.\s]+(?=\/|$)|(?<=^|\/)\s+/g, '')
}

function foldForeign(text: string): string {
  const bare = text.normalize('NFKD').replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '')
  const dashed = bare.replaceAll(/\p{Pd}|\u2212/gu, '-').replaceAll(/\p{Z}/gu, ' ')
  return Array.from(dashed.toLowerCase(), (letter) => lookAlikes.get(letter) ?? letter).join('')
}

/**
 * Letters of other scripts that read as a Latin one, small letters only (from the confusables of Unicode UTS #39, those that
 * a person would not see). Full-width and mathematical letters are Latin after NFKD already.
 */
const lookAlikes = new Map(
  [
    // Cyrillic
    ['а', 'a'],
    ['в', 'b'],
    ['с', 'c'],
    ['ԁ', 'd'],
    ['е', 'e'],
    ['һ', 'h'],
    ['н', 'h'],
    ['і', 'i'],
    ['ј', 'j'],
    ['к', 'k'],
    ['ӏ', 'l'],
    ['м', 'm'],
    ['о', 'o'],
    ['р', 'p'],
    ['ԛ', 'q'],
    ['г', 'r'],
    ['ѕ', 's'],
    ['т', 't'],
    ['ѵ', 'v'],
    ['ԝ', 'w'],
    ['х', 'x'],
    ['у', 'y'],
    // Greek
    ['α', 'a'],
    ['β', 'b'],
    ['ε', 'e'],
    ['ι', 'i'],
    ['κ', 'k'],
    ['μ', 'm'],
    ['ο', 'o'],
    ['ρ', 'p'],
    ['τ', 't'],
    ['υ', 'u'],
    ['ν', 'v'],
    ['χ', 'x'],
    ['γ', 'y'],
    ['ζ', 'z'],
    // Armenian
    ['ց', 'g'],
    ['հ', 'h'],
    ['յ', 'j'],
    ['ո', 'n'],
    ['օ', 'o'],
    ['զ', 'q'],
    ['ս', 'u'],
    // Latin letters that are not the usual ones
    ['ɑ', 'a'],
    ['ɡ', 'g'],
    ['ı', 'i'],
  ].map(([letter = '', latin = '']) => [letter, latin] as const),
)
