import type { Effect } from '../core/action.ts'
import type { Because } from '../core/because.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import { weightOf } from '../core/rule-order.ts'
import type { PermissionRule, RuleVerb } from '../core/rules.ts'
import { compileGlob } from './glob.ts'

/** One thing that is asked for: usually a step, with what is known of it. A rule that names what is not known does not fit. */
export type Point = {
  readonly step?: string
  readonly playbook?: string
  readonly because?: Because
  readonly severity?: PlaybookInfo['severity']
  readonly effect?: Effect
  /** `kubernetes/gpu`. */
  readonly instance?: string
  readonly environment?: string
}

/** The rules, ready to be asked. */
export type RuleBook = {
  /** The most specific rule that fits. */
  readonly find: (verb: RuleVerb, point: Point) => PermissionRule | undefined
  /** Every rule that fits, the most specific one first. */
  readonly all: (verb: RuleVerb, point: Point) => readonly PermissionRule[]
}

type Pattern = { readonly weight: number; readonly fits?: (lower: string) => boolean }

type Entry = {
  readonly rule: PermissionRule
  /** The most specific first; without playbooks, the one that fits all. */
  readonly patterns: readonly Pattern[]
  readonly most: number
}

type Found = { readonly rule: PermissionRule; readonly weight: number }

/** In the order of what they could outweigh, so that most of them are never looked at. */
export function ruleBook(rules: readonly PermissionRule[]): RuleBook {
  const entries = rules.map(entryOf).toSorted((a, b) => b.most - a.most)
  const byVerb = Map.groupBy(
    entries.flatMap((entry) => entry.rule.verbs.map((verb) => ({ verb, entry }))),
    ({ verb }) => verb,
  )
  const of = new Map([...byVerb].map(([verb, list]) => [verb, list.map(({ entry }) => entry)]))
  return {
    find: (verb, point) => mostSpecific(of.get(verb) ?? [], point),
    all: (verb, point) =>
      (of.get(verb) ?? [])
        .flatMap((entry) => fit(entry, point, point.playbook?.toLowerCase()) ?? [])
        .toSorted((a, b) => b.weight - a.weight)
        .map(({ rule }) => rule),
  }
}

function entryOf(rule: PermissionRule): Entry {
  const patterns = (rule.playbooks ?? [undefined])
    .map((text): Pattern => {
      return { weight: weightOf(rule, text), ...(text === undefined ? {} : { fits: nameTest(text) }) }
    })
    .toSorted((a, b) => b.weight - a.weight)
  return { rule, patterns, most: patterns[0]?.weight ?? 0 }
}

function mostSpecific(entries: readonly Entry[], point: Point): PermissionRule | undefined {
  const name = point.playbook?.toLowerCase()
  let best: Found | undefined
  for (const entry of entries) {
    if (best !== undefined && entry.most <= best.weight) break
    const found = fit(entry, point, name)
    if (found !== undefined && (best === undefined || found.weight > best.weight)) best = found
  }
  return best?.rule
}

function fit({ rule, patterns }: Entry, point: Point, name: string | undefined): Found | undefined {
  if (!fitsPoint(rule, point)) return undefined
  const pattern = patterns.find(({ fits }) => fits === undefined || (name !== undefined && fits(name)))
  return pattern === undefined ? undefined : { rule, weight: pattern.weight }
}

function fitsPoint(rule: PermissionRule, point: Point): boolean {
  return (
    has(rule.effects, point.effect) &&
    has(rule.environments, point.environment) &&
    has(rule.instances, point.instance) &&
    has(rule.because, point.because) &&
    has(rule.severities, point.severity)
  )
}

function has<T>(named: readonly T[] | undefined, value: T | undefined): boolean {
  return named === undefined || (value !== undefined && named.includes(value))
}

/** For a name in lower case. Most patterns begin with another word: that is seen without trying them. */
export function nameTest(pattern: string): (lower: string) => boolean {
  const lower = pattern.toLowerCase()
  const start = lower.split(/[*?]/, 1).join('')
  if (start === lower) return (name) => name === lower
  const glob = compileGlob(pattern)
  return (name) => name.startsWith(start) && glob(name)
}
