import type { Config } from '../config/config.ts'
import type { Clients } from '../core/ports.ts'
import type { AnyProvider, OwnAnswer, OwnNeed, ProviderName } from '../core/provider.ts'
import { FirebreakError } from '../core/errors.ts'
import type { DoctorPart } from '../core/wire.ts'
import { configuredNeeds } from './configured-needs.ts'

/** An instance that has not answered by then is asked again later; meanwhile what is known holds. */
const PATIENCE_MS = 5000
/** After the start: its own work goes first. A step that needs an instance earlier has it asked at once. */
const SOON_MS = 2000
/** Pods move and keys are renewed, but rarely. */
const EVERY_MS = 5 * 60_000
const AGAIN_MS = 30_000

/** What Firebreak itself lives on, worked out by itself (P8). */
export type OwnNeeds = {
  readonly now: () => readonly OwnNeed[]
  /**
   * Until every instance of the provider was asked once: two instances may be one account, or one cluster, under two names.
   * Never throws, and waits no longer than an instance may take.
   */
  readonly asked: (provider: ProviderName) => Promise<void>
  /** Asks every instance. What cannot be asked keeps what was known of it. */
  readonly refresh: () => Promise<void>
  /** Asks soon after the start and then every five minutes; what could not be asked at all every half minute. */
  readonly keep: (stopping: AbortSignal) => void
  /** For `doctor`. */
  readonly parts: () => readonly DoctorPart[]
}

type Asking = {
  /** Configuration and schema of every action's provider. */
  readonly providers: readonly AnyProvider[]
  readonly clients: Clients
  readonly config: Pick<Config, 'providers' | 'store' | 'audit'>
  readonly log?: { readonly error: (data: object, message: string) => void }
}

type Instance = {
  readonly provider: AnyProvider
  readonly name: string
  known: OwnAnswer
  /** Why not even who Firebreak is could be found out. */
  problem: FirebreakError | undefined
  first?: Promise<void>
}

export function createOwnNeeds(asking: Asking): OwnNeeds {
  const { providers, config } = asking
  const configured = configuredNeeds(config)
  const instances = providers.flatMap((provider) => instancesOf(provider, config))
  let now: readonly OwnNeed[] = configured
  const ask = async (instance: Instance): Promise<void> => {
    await askOne(asking, instance)
    now = [...configured, ...instances.flatMap(({ known }) => known.needs)]
  }
  const refresh = async (): Promise<void> => {
    await Promise.all(instances.map((instance) => (instance.first = ask(instance))))
  }
  return {
    now: () => now,
    asked: async (provider) => {
      const concerned = instances.filter((instance) => instance.provider.name === provider)
      await Promise.all(concerned.map((instance) => (instance.first ??= ask(instance))))
    },
    refresh,
    keep: (stopping) =>
      keepAsking(refresh, { stopping, failed: () => instances.some(({ problem }) => problem) }),
    parts: () => [...shown('firebreak.yaml', configured), ...instances.flatMap(partsOf)],
  }
}

/** The same clients, each given out only when it is known what of its system Firebreak lives on. */
export function askedFirst(clients: Clients, { asked }: Pick<OwnNeeds, 'asked'>): Clients {
  return {
    ...clients,
    get: async (provider, instance) => {
      await asked(provider)
      return clients.get(provider, instance)
    },
  }
}

function instancesOf(provider: AnyProvider, { providers }: Asking['config']): Instance[] {
  if (provider.own === undefined || (provider.name !== 'aws' && provider.name !== 'kubernetes')) return []
  const known: OwnAnswer = { needs: [], unknown: [] }
  return Object.keys(providers[provider.name]).map((name) => ({ provider, name, known, problem: undefined }))
}

async function askOne(asking: Asking, instance: Instance): Promise<void> {
  try {
    instance.known = kept(instance.known, await inTime(answerOf(asking, instance)))
    instance.problem = undefined
  } catch (error) {
    const before = instance.problem?.message
    instance.problem = error instanceof FirebreakError ? error : unforeseen(error)
    if (before !== instance.problem.message) {
      asking.log?.error(
        { err: error, instance: nameOf(instance) },
        'what Firebreak lives on could not be asked',
      )
    }
  }
}

async function answerOf({ clients, config }: Asking, { provider, name }: Instance): Promise<OwnAnswer> {
  const client = await clients.get(provider.name, name)
  const question = {
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(config.store === undefined ? {} : { databaseUrl: config.store.url }),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by this provider's own connect
  return (await provider.own?.(client as never, question)) ?? { needs: [], unknown: [] }
}

/** Whatever the callee makes of its signal. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const error = new FirebreakError('provider.timeout', `no answer within ${PATIENCE_MS} ms`, {
    remedy: 'Check the provider; it is asked again.',
  })
  const timer = setTimeout(() => late.reject(error), PATIENCE_MS)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A whole answer replaces what was known before; of one with gaps nobody can say what is no longer so. */
function kept(before: OwnAnswer, answer: OwnAnswer): OwnAnswer {
  if (answer.unknown.length === 0) return answer
  const all = [...answer.needs, ...before.needs].map((need) => [JSON.stringify(need), need] as const)
  return { needs: [...new Map(all).values()], unknown: answer.unknown }
}

function unforeseen(cause: unknown): FirebreakError {
  return new FirebreakError('internal.unexpected', 'an unforeseen error; the log of the process has it', {
    remedy: 'Report it.',
    cause,
  })
}

type Keeping = { readonly stopping: AbortSignal; readonly failed: () => boolean }

function keepAsking(refresh: () => Promise<void>, { stopping, failed }: Keeping): void {
  let timer: NodeJS.Timeout | undefined
  const after = (ms: number): void => {
    if (stopping.aborted) return
    timer = setTimeout(() => void refresh().then(() => after(failed() ? AGAIN_MS : EVERY_MS)), ms)
    timer.unref()
  }
  stopping.addEventListener('abort', () => clearTimeout(timer), { once: true })
  after(SOON_MS)
}

function nameOf({ provider, name }: Instance): string {
  return `${provider.name}/${name}`
}

const PART = 'never touched'

function partsOf(instance: Instance): DoctorPart[] {
  const { known, problem } = instance
  const where = nameOf(instance)
  const gaps = known.unknown.map((gap): DoctorPart => ({
    name: PART,
    identity: where,
    ok: true,
    detail: `not known: ${gap}`,
  }))
  const failed: DoctorPart[] =
    problem === undefined
      ? []
      : [{ name: PART, identity: where, ok: false, detail: problem.message, remedy: problem.remedy }]
  return [...shown(where, known.needs), ...gaps, ...failed]
}

function shown(where: string, needs: readonly OwnNeed[]): DoctorPart[] {
  const lines = new Map(needs.map((need) => [thing(need), `because ${need.why}`]))
  return [...lines].map(([what, detail]) => {
    return { name: PART, identity: `${where}: ${what}`, ok: true, detail }
  })
}

function thing({ kind, id, name, namespace }: OwnNeed): string {
  const which = name ?? id
  if (which === undefined) return `everything in namespace ${namespace ?? ''}`
  return kind === undefined ? which : `${kind} ${which}`
}
