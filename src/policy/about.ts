import type { About } from '../core/rules.ts'
import { nameTest, type Point } from './rules.ts'

/** One effect, with what is known of it besides what permissions look at. */
export type Subject = Point & {
  /** `kubernetes.scale`. */
  readonly action?: string
  /** The route that began the run. Absent: none did. */
  readonly route?: string
}

/** The same, made ready once for all guardrails. */
export type Known = Subject & {
  readonly provider?: string
  readonly lower: { readonly playbook: string | undefined; readonly action: string | undefined }
}

/** What acts is a step: it is what people are asked about. */
export type Acting = Known & { readonly step: string }

export function knownOf<S extends Subject>(subject: S): S & Known {
  const { instance, playbook, action } = subject
  const provider = instance?.split('/', 1)[0]
  return {
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    lower: { playbook: playbook?.toLowerCase(), action: action?.toLowerCase() },
  }
}

export type Fits = (known: Known) => boolean

/**
 * Whether a guardrail is about an effect. Other than a permission, it is also about one of which something is not known, such
 * as the severity that an old run did not write down: in doubt it holds. Only to be in no environment, and to have been begun
 * by no route, are not doubts but answers.
 */
export function fitsAbout(about: About): Fits {
  const tests = [
    among(about.providers, ({ provider }) => provider),
    among(about.instances, ({ instance }) => instance),
    amongSome(about.environments, ({ environment }) => environment),
    amongSome(about.routes, ({ route }) => route),
    among(about.effects, ({ effect }) => effect),
    among(about.because, ({ because }) => because),
    among(about.severities, ({ severity }) => severity),
    named(about.playbooks, ({ lower }) => lower.playbook),
    named(about.actions, ({ lower }) => lower.action),
  ].filter((test) => test !== undefined)
  return (known) => tests.every((test) => test(known))
}

type Field<T> = (known: Known) => T | undefined

function among<T>(wanted: readonly T[] | undefined, field: Field<T>): Fits | undefined {
  return (
    wanted &&
    ((known) => {
      const value = field(known)
      return value === undefined || wanted.includes(value)
    })
  )
}

function amongSome<T>(wanted: readonly T[] | undefined, field: Field<T>): Fits | undefined {
  return (
    wanted &&
    ((known) => {
      const value = field(known)
      return value !== undefined && wanted.includes(value)
    })
  )
}

function named(patterns: readonly string[] | undefined, field: Field<string>): Fits | undefined {
  if (patterns === undefined) return undefined
  const tests = patterns.map(nameTest)
  return (known) => {
    const lower = field(known)
    return lower === undefined || tests.some((test) => test(lower))
  }
}
