import type { Target } from '../core/change.ts'
import type { OwnNeed } from '../core/provider.ts'
import type { NeverTouchRule } from '../core/rules.ts'
import { compileGlob } from './glob.ts'
import { bareKind, fold, foldId, type Spellings, spellingsOf } from './spellings.ts'

/** The rule that forbids a target, in words for people. */
export type Forbidden = { readonly reason: string }

/**
 * Whatever the configuration says: the system namespace of a cluster, without which nothing can be put back. Targets in
 * a namespace are named `namespace/name`, with or without the cluster or the kind in front. Not `kube-public` and
 * `kube-node-lease`: no workload of the cluster's own runs there, so one that does may well be what is to be stopped.
 */
const always: readonly NeverTouchRule[] = [
  { namespace: 'kube-system' },
  { name: 'kube-system/*' },
  { name: '*/kube-system/*' },
]

type Guard = {
  readonly rules: readonly NeverTouchRule[]
  /** What the bot itself lives on: its access keys, users, secrets, deployment. */
  readonly own: readonly OwnNeed[]
  /** What would touch it. */
  readonly action?: string
}

/** The reason why a target is never touched, or undefined. */
export function neverTouch(target: Target, { rules, own, action = '' }: Guard): Forbidden | undefined {
  const spelled = spellingsOf(target)
  const need = renewsOwn(action) ? undefined : needed.find(own, spelled)
  if (need !== undefined) {
    return { reason: `${target.name} is what Firebreak itself lives on: ${need.why}` }
  }
  const rule = configured.find(always, spelled) ?? configured.find(rules, spelled)
  return rule === undefined ? undefined : { reason: `${target.name} is never touched: ${words(rule)}` }
}

/** These make the new thing first, switch to it, and switch the old one off last (DESIGN section 4). */
function renewsOwn(action: string): boolean {
  return action.startsWith('firebreak.rotate-own-')
}

type Test = (spelled: Spellings) => boolean
type Pattern = (spellings: readonly string[]) => boolean

/** Every rule is asked about every target, so the patterns of a list are made once. No list is changed in place. */
function compiled<Rule>(make: (rule: Rule) => Test) {
  const made = new WeakMap<readonly Rule[], readonly (readonly [Rule, Test])[]>()
  return {
    /** The first of them that fits. */
    find: (rules: readonly Rule[], spelled: Spellings): Rule | undefined => {
      const tests = made.get(rules) ?? rules.map((rule) => [rule, make(rule)] as const)
      if (!made.has(rules)) made.set(rules, tests)
      return tests.find(([, test]) => test(spelled))?.[0]
    },
  }
}

const configured = compiled((rule: NeverTouchRule): Test => {
  const tests: Test[] = [
    ...field(rule.kind, fold, 'kinds'),
    ...field(rule.id, foldId, 'ids'),
    ...field(rule.name, fold, 'names'),
    ...field(rule.namespace, fold, 'namespaces'),
    ...field(rule.account, fold, 'accounts'),
    ...Object.entries(rule.labels ?? {}).map(([label, value]) => labelled(label, value)),
  ]
  // A rule that says nothing forbids nothing: it is refused when the configuration is read.
  return (spelled) => tests.length > 0 && tests.every((test) => test(spelled))
})

const needed = compiled(({ kind, id, name, namespace }: OwnNeed): Test => {
  const where = [...(kind === undefined ? [] : [isKind(kind)]), ...field(namespace, fold, 'namespaces')]
  const which = [...field(id, foldId, 'ids'), ...field(name, fold, 'names')]
  const said = which.length > 0 || namespace !== undefined
  return (spelled) =>
    said &&
    where.every((test) => test(spelled)) &&
    (which.length === 0 || which.some((test) => test(spelled)))
})

function isKind(kind: string): Test {
  const wanted = bareKind(fold(kind))
  return ({ kinds }) => kinds.some((given) => bareKind(given) === wanted)
}

/** None where the rule does not name this. */
function field(
  pattern: string | undefined,
  form: (text: string) => string,
  of: Exclude<keyof Spellings, 'labels'>,
): Test[] {
  if (pattern === undefined || pattern === '') return []
  const fits = any(form(pattern))
  return [(spelled) => fits(spelled[of])]
}

function any(pattern: string): Pattern {
  if (!/[*?]/.test(pattern)) return (spellings) => spellings.includes(pattern)
  const fits = compileGlob(pattern)
  return (spellings) => spellings.some(fits)
}

function labelled(label: string, value: string): Test {
  const [wanted, fits] = [fold(label), compileGlob(fold(value))]
  return ({ labels }) => labels.some(([given, text]) => given === wanted && fits(text))
}

function words({ labels = {}, ...rule }: NeverTouchRule): string {
  const given = (['kind', 'id', 'name', 'namespace', 'account'] as const).flatMap((part) =>
    rule[part] === undefined ? [] : [`${part} ${rule[part]}`],
  )
  return [...given, ...Object.entries(labels).map(([label, value]) => `label ${label}=${value}`)].join(', ')
}
