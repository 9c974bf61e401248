import type { ApproveRule } from '../core/playbook.ts'
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
import { asksWords, type Finding, guarded, type Guarding, type Open } from './explain-guardrails.ts'

/** What decides: permissions, and guardrails with what is said of the effect. */
export type Deciding = Permissions & { readonly guarding?: Guarding }

type Reason = {
  readonly outcome: Decided['outcome'] | Finding['outcome']
  /** What decided: the name of a rule, `permissions.run`, what stands in its place, or a guardrail: `window/friday`. */
  readonly rule: string
  /** Where it stands in firebreak.yaml. */
  readonly line?: number
  readonly why: string
  /** Who must agree, each with the rule that asks. */
  readonly asks: readonly Asks[]
  /** Guardrails that are about it and that nothing was said about. */
  readonly open: readonly Open[]
}

type Asks = ApproveRule & { readonly rule: string }

/** How something was decided, in words and in data. */
export type Explained = Reason & { readonly points: readonly ExplainedPoint[] }

type ExplainedPoint = Reason & {
  /** Empty where nothing in particular was asked for. */
  readonly about: string
  /** What fits too and is less specific, the most specific first. */
  readonly lost: readonly string[]
}

/** The decision, with the rule that made it and those that lost. */
export function explain(deciding: Deciding, asker: Asker, asked: Asked): Explained {
  const points = decide(deciding, asker, asked).each.map((decided) => {
    const about = pointWords(decided.point)
    return {
      about,
      ...reasonOf(deciding, { asker, asked, decided }),
      lost: lostTo(deciding, asked.verb, decided),
    }
  })
  const { about: _, lost: __, ...worst } = strictest(points)
  return {
    ...worst,
    asks: distinct(points.flatMap(({ asks }) => asks)),
    open: distinct(points.flatMap(({ open }) => open)),
    points,
  }
}

type Deciders = { readonly asker: Asker; readonly asked: Asked; readonly decided: Decided }

/** Permissions and guardrails together: the strictest decides, and all that ask are asked. */
function reasonOf({ guarding }: Deciding, { asker, asked: { verb }, decided }: Deciders): Reason {
  const { findings, open } =
    guarding === undefined || !mayChange(verb, decided) ? noGuard : guarded(guarding, decided.point)
  const permitted = { ...permission(decided, asker), asks: decided.approve ? [decided.approve] : [] }
  const all: readonly Judged[] = [permitted, ...findings]
  const { outcome, rule, line, why } = strictest(all)
  return {
    outcome,
    rule,
    ...(line === undefined ? {} : { line }),
    why,
    asks: all.flatMap((each) => each.asks.map((ask) => ({ ...ask, rule: each.rule }))),
    open,
  }
}

type Judged = Omit<Reason, 'asks' | 'open'> & { readonly asks: readonly ApproveRule[] }

const noGuard = { findings: [], open: [] } as const

/** Guardrails hold back what changes something, and only where that is asked for. */
function mayChange(verb: Asked['verb'], { point: { effect } }: Decided): boolean {
  const changes = effect === undefined || effect === 'reversible' || effect === 'irreversible'
  return changes && (verb === 'run' || verb === 'undo')
}

const order = ['deny', 'wait', 'ask', 'allow'] as const

/** Of several, the first. */
function strictest<T extends Pick<Reason, 'outcome'>>(all: readonly T[]): T {
  const [first] = all.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
  if (first === undefined) throw new Error('something always decides')
  return first
}

function distinct<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

function permission(decided: Decided, asker: Asker): Omit<Judged, 'asks'> {
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
  if (approve !== undefined) return `${source} asks ${asksWords([approve])}`
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
