import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { actions } from '../actions/index.ts'
import { pointsOf, type Places } from '../bot/points.ts'
import { withoutUndefined } from '../config/defined.ts'
import { policyConfig, type PolicyConfig } from '../config/load.ts'
import { parsePolicyTable, PolicyQuestion, type PolicyCase } from '../config/policy-table.ts'
import type { Target } from '../core/change.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import { readPlaybooks } from '../playbook/folder.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { Asker } from '../policy/decision.ts'
import { explain, type Explained } from '../policy/explain.ts'
import { neverTouch } from '../policy/never-touch.ts'
import { type Point, ruleBook, type RuleBook } from '../policy/rules.ts'
import { guardBook, type GuardBook } from '../policy/ruling.ts'
import type { PolicyCommands, PolicyResult } from '../surfaces/cli/deps.ts'
import { saidOf } from './policy-question.ts'

/** The configuration that is asked when no other is named. */
const DEFAULT_CONFIG = 'firebreak.yaml'

/** What is asked, with everything that answers. */
type Subject = {
  readonly config: PolicyConfig
  readonly rules: RuleBook
  readonly book: GuardBook
  readonly playbooks: ReadonlyMap<string, Playbook>
}

/** Commands that say who may do what. They open no store, and need no secrets and no Slack. */
export const policy: PolicyCommands = {
  test: async (files, { config, cwd }) =>
    files.flatMap((file) => {
      const path = resolve(cwd, file)
      const table = parsePolicyTable(read(path), file)
      const named =
        config === undefined ? resolve(dirname(path), table.config ?? DEFAULT_CONFIG) : resolve(cwd, config)
      const subject = load(
        named,
        table.playbooks === undefined ? undefined : resolve(dirname(path), table.playbooks),
      )
      return table.tests.map((test) => tried(subject, file, test))
    }),
  explain: async (asked, { config = DEFAULT_CONFIG, playbooks, cwd }) => {
    const question = PolicyQuestion.safeParse(asked)
    const subject = load(resolve(cwd, config), playbooks === undefined ? undefined : resolve(cwd, playbooks))
    const now = new Date().toISOString()
    if (question.success) return { ...answer(subject, { when: now, ...question.data }), file: config }
    const [issue] = question.error.issues
    throw new FirebreakError('usage.bad-arguments', `${issue?.path.join('.')}: ${issue?.message}`, {
      remedy: 'See "firebreak policy explain --help".',
    })
  },
}

function load(file: string, playbooks: string | undefined): Subject {
  const config = policyConfig(read(file), file)
  const folders = playbooks === undefined ? config.playbooks : [playbooks]
  return {
    config,
    rules: ruleBook(config.rules),
    book: guardBook(config.guardrails),
    playbooks: playbooksIn(folders),
  }
}

/** A folder that is elsewhere, as in the image of a pod, keeps nobody from trying the rules on effects and places. */
function playbooksIn(folders: readonly string[]): ReadonlyMap<string, Playbook> {
  try {
    return readPlaybooks(folders, actions).playbooks
  } catch (error) {
    if (!isFirebreakError(error, 'playbook.file')) throw error
    return new Map()
  }
}

function tried(subject: Subject, file: string, test: PolicyCase): PolicyResult {
  const { name, line, expect, rule, why } = test
  const found = answered(subject, file, test)
  const faults = [
    found.outcome === expect ? [] : [`expected ${expect}, and it is ${found.outcome}`],
    rule === undefined || decidedBy(found, rule)
      ? []
      : [`expected ${rule} to decide, and ${found.rule} does`],
    why === undefined || found.why.includes(why) ? [] : [`expected "${why}" in the reason`],
  ].flat()
  return { file, line, name: name ?? `line ${line}`, passed: faults.length === 0, faults, found }
}

/** Of several that ask, each does. */
function decidedBy({ outcome, rule, asks }: Explained, wanted: string): boolean {
  return wanted === rule || (outcome === 'ask' && asks.some((ask) => ask.rule === wanted))
}

function answered(subject: Subject, file: string, test: PolicyCase): Explained {
  try {
    return answer(subject, test)
  } catch (error) {
    if (!(error instanceof FirebreakError)) throw error
    throw new FirebreakError(error.code, `${file}:${test.line}: ${error.message}`, { remedy: error.remedy })
  }
}

function answer(subject: Subject, question: PolicyQuestion): Explained {
  const { rules, book, config } = subject
  const { permissions, guardrails } = config
  const asker = askerOf(subject, question.who)
  const points = pointsFor(subject, question)
  const never = (target: Target) => neverTouch(target, { rules: guardrails.neverTouch, own: [] })?.reason
  const guarding = { book, neverTouch: never, said: saidOf(question) }
  return explain({ permissions, rules, guarding }, asker, { verb: question.verb, points })
}

function askerOf({ config }: Subject, who: PolicyQuestion['who']): Asker {
  if (typeof who === 'string') return askerOfPerson(config, { person: who, groups: [] })
  if ('person' in who) return askerOfPerson(config, who)
  if ('roles' in who) return { kind: 'person', roles: who.roles }
  const route = config.routes.find(({ name }) => name === who.route)
  if (route === undefined)
    throw unknown(
      'route',
      who.route,
      config.routes.map(({ name }) => name),
    )
  const authority = route.mode === 'ignore' ? undefined : route.authority
  return { kind: 'route', name: route.name, ...(authority === undefined ? {} : { authority }) }
}

type Somebody = { readonly person: string; readonly groups: readonly string[] }

function askerOfPerson({ people, groups }: PolicyConfig, { person: id, groups: theirs }: Somebody): Asker {
  const person = people.find((candidate) => candidate.id === id)
  if (person === undefined)
    throw unknown(
      'person',
      id,
      people.map((candidate) => candidate.id),
    )
  const given = Object.entries(groups).flatMap(([role, of]) =>
    of.some((group) => theirs.includes(group)) ? [role] : [],
  )
  return { kind: 'person', roles: [...new Set([...person.roles, ...given])] }
}

/** Of a playbook that is there, every step; of one that is described, what is said of it. */
function pointsFor({ config, playbooks }: Subject, question: PolicyQuestion): readonly Effect[] {
  const { playbook: name, effect, instance, because, severity } = question
  const environment = question.environment ?? environmentOf(config, instance)
  const about = withoutUndefined({ playbook: name, because, severity })
  const described = withoutUndefined({ effect, instance, environment })
  const playbook = name === undefined ? undefined : playbooks.get(name)
  const isDescribed = Object.keys(described).length > 0
  if (playbook === undefined && name !== undefined && !isDescribed)
    throw unknown('playbook', name, [...playbooks.keys()])
  if (playbook === undefined) return [{ ...about, ...described }]
  const steps = stepsOf({ config, actions }, playbook, question)
  if (!isDescribed) return steps.map((point) => ({ ...point, ...about }))
  const { because: why, severity: how } = playbook.info
  return [{ because: why, severity: how, ...about, ...described }]
}

type Effect = Point & { readonly action?: string }

/** By which action an undo puts something back is known when the effect is there. */
function stepsOf(places: Places, playbook: Playbook, { verb }: PolicyQuestion): readonly Effect[] {
  const points = pointsOf(places, playbook)
  if (verb === 'undo') return points
  const names = new Map(playbook.steps.map(({ id, action }) => [id, action.name]))
  return points.map((point) => ({ ...point, ...withoutUndefined({ action: names.get(point.step ?? '') }) }))
}

function environmentOf({ environments }: PolicyConfig, instance: string | undefined): string | undefined {
  return instance !== undefined && Object.hasOwn(environments, instance) ? environments[instance] : undefined
}

function unknown(what: string, name: string, known: readonly string[]): FirebreakError {
  return new FirebreakError('config.unknown-name', `there is no ${what} ${name.slice(0, 80)}`, {
    remedy: `Known are: ${known.join(', ') || 'none'}.${what === 'playbook' ? ' Of another one, say its effect and instance.' : ''}`,
  })
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FirebreakError('config.unreadable', `${file} cannot be read`, {
      remedy: 'Name a file that exists.',
      cause,
    })
  }
}
