import type { PermissionRule } from './rules.ts'

// Which of two rules is the more specific one: one order for who checks the configuration and for who decides by it.

/** More than any pattern with wildcards, whose rank is how many characters it fixes. */
const EXACT = 2047

/**
 * How specific a rule is for a playbook that fits this pattern of it. What is named first in this list outweighs
 * everything after it: an instance, an environment, an effect, the playbook (its exact name, then the pattern that fixes
 * more characters), why the playbook exists, its severity. So what is said of a place is overruled only by a rule that
 * names that place as well.
 */
export function weightOf(rule: PermissionRule, pattern: string | undefined): number {
  const { instances, environments, effects, because, severities } = rule
  const place = 2 * given(instances) + given(environments)
  const head = place * 2 + given(effects)
  return ((head * (EXACT + 1) + rankOf(pattern)) * 2 + given(because)) * 2 + given(severities)
}

function given(part: readonly unknown[] | undefined): 0 | 1 {
  return part === undefined ? 0 : 1
}

function rankOf(pattern: string | undefined): number {
  if (pattern === undefined) return 0
  const fixed = pattern.replaceAll(/[*?]/g, '').length
  return fixed === pattern.length ? EXACT : Math.min(1 + fixed, EXACT - 1)
}

export type Tie = { readonly first: number; readonly second: number }

/**
 * Rules of which neither is the more specific one although something could be asked for that both fit: nobody could say
 * who may, so such a configuration is refused.
 */
export function tiesOf(rules: readonly PermissionRule[]): Tie[] {
  // Only rules of one weight can tie: those of a thousand are compared in small heaps.
  const heaps = new Map<number, Entry[]>()
  for (const [index, rule] of rules.entries()) {
    for (const pattern of rule.playbooks ?? [undefined]) {
      const weight = weightOf(rule, pattern)
      const heap = heaps.get(weight) ?? []
      heap.push({ index, rule, pattern })
      heaps.set(weight, heap)
    }
  }
  const found = [...heaps.values()].flatMap((heap) => heap.flatMap((entry, at) => tiesWith(entry, heap, at)))
  const pairs = new Map(found.map((tie) => [`${tie.first} ${tie.second}`, tie]))
  return [...pairs.values()].toSorted((a, b) => a.second - b.second || a.first - b.first)
}

type Entry = { readonly index: number; readonly rule: PermissionRule; readonly pattern: string | undefined }

function tiesWith(entry: Entry, heap: readonly Entry[], at: number): Tie[] {
  return heap
    .slice(at + 1)
    .filter((other) => other.index !== entry.index && meet(entry, other))
    .map((other) => ({ first: entry.index, second: other.index }))
}

/** Both have the same weight, so that each names what the other names. */
function meet({ rule: one, pattern }: Entry, { rule: other, pattern: second }: Entry): boolean {
  return (
    share(one.verbs, other.verbs) &&
    share(one.instances, other.instances) &&
    share(one.environments, other.environments) &&
    share(one.effects, other.effects) &&
    share(one.because, other.because) &&
    share(one.severities, other.severities) &&
    (pattern === undefined || second === undefined || patternsMeet(pattern, second))
  )
}

function share(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return one === undefined || other === undefined || one.some((value) => other.includes(value))
}

/** Whether some text fits both patterns. Letters match in either case, as in policy/glob.ts. */
export function patternsMeet(one: string, other: string): boolean {
  const first = one.toLowerCase()
  const second = other.toLowerCase()
  // Most patterns begin or end in another way: that is seen at once.
  if (!agree(startOf(first), startOf(second)) || !agree(endOf(first), endOf(second))) return false
  // Row by row: whether what is left of the first from `i` on meets what is left of the second from `j` on.
  let below = Array.from({ length: second.length + 1 }, (_, j) => onlyStars(second.slice(j)))
  for (let i = first.length - 1; i >= 0; i -= 1) {
    const row = below.map(() => false)
    row[second.length] = onlyStars(first.slice(i))
    for (let j = second.length - 1; j >= 0; j -= 1) {
      row[j] = step([first[i], second[j]], { both: below[j + 1], down: below[j], right: row[j + 1] })
    }
    below = row
  }
  return below[0] === true
}

function startOf(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? ''
}

/** Backwards. */
function endOf(pattern: string): string {
  return startOf(Array.from(pattern).toReversed().join(''))
}

function agree(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}

type Around = {
  readonly both: boolean | undefined
  readonly down: boolean | undefined
  readonly right: boolean | undefined
}

/** A star takes no character, or one that the other side has. */
function step([one, other]: readonly (string | undefined)[], { both, down, right }: Around): boolean {
  if (one === '*' || other === '*') return down === true || right === true
  return (one === '?' || other === '?' || one === other) && both === true
}

function onlyStars(pattern: string): boolean {
  return /^\**$/.test(pattern)
}
