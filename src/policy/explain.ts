import type { PermissionRule } from '../core/rules.ts'
import {
  type Asked,
  type Asker,
  decide,
  type Decided,
  type Permissions,
  pointWords,
  sourceWords,
  whoMay,
} from './decision.ts'

/** How something was decided, in words and in data. */
export type Explained = {
  readonly outcome: Decided['outcome']
  /** What decided: the name of a rule, `permissions.run`, or what stands in its place. */
  readonly rule: string
  /** Where the rule stands in firebreak.yaml. */
  readonly line?: number
  readonly why: string
  readonly points: readonly ExplainedPoint[]
}

type ExplainedPoint = Omit<Explained, 'points'> & {
  /** Empty where nothing in particular was asked for. */
  readonly about: string
  /** What fits too and is less specific, the most specific first. */
  readonly lost: readonly string[]
}

/** The decision, with the rule that made it and those that lost. */
export function explain(permissions: Permissions, asker: Asker, asked: Asked): Explained {
  const verdict = decide(permissions, asker, asked)
  return {
    ...explained(verdict, asker),
    points: verdict.each.map((decided) => ({
      about: pointWords(decided.point),
      ...explained(decided, asker),
      lost: lostTo(permissions, asked.verb, decided),
    })),
  }
}

function explained(decided: Decided, asker: Asker): Omit<Explained, 'points'> {
  const { outcome, by } = decided
  const rule = by.kind === 'rule' ? by.rule.name : sourceWords(by)
  return {
    outcome,
    rule,
    ...(by.kind === 'rule' ? { line: by.rule.line } : {}),
    why: whyOf(decided, asker),
  }
}

function whyOf({ outcome, by, approve }: Decided, asker: Asker): string {
  const source = sourceWords(by)
  if (approve !== undefined) return `${source} asks ${approve.count} of ${approve.from}`
  if (by.kind !== 'rule' && by.kind !== 'table') return `${source} decides`
  const names = whoMay(by).join(', ') || 'nobody'
  if (asker.kind !== 'person')
    return outcome === 'allow'
      ? `${source} lets it`
      : `${source} names ${names}, and lets nobody in its place`
  return `${source} names ${names}; who asks has ${asker.roles.join(', ') || 'no role'}`
}

function lostTo({ rules }: Permissions, verb: Asked['verb'], { point, by }: Decided): readonly string[] {
  if (verb === 'freeze' || verb === 'thaw') return []
  const won: PermissionRule | undefined = by.kind === 'rule' ? by.rule : undefined
  const others = rules.all(verb, point).filter((rule) => rule !== won)
  const table = won === undefined ? [] : [verb === 'approve' ? 'the role of the gate' : `permissions.${verb}`]
  return [...others.map(({ name }) => name), ...table]
}
