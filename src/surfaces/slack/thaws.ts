import { z } from 'zod'
import type { Fact } from '../../core/fact.ts'
import { readRecord } from './run-record.ts'
import { createRunWriter, type RunWriter } from './run-writer.ts'
import { type Pledge, thawPages } from './thaw-message.ts'
import type { BoardOptions } from './writers.ts'

/** Tells the channel who wants a freeze lifted, and that others may say so too. */
export type Thaws = {
  readonly start: () => Promise<void>
  readonly hear: (facts: readonly Fact[]) => void
  readonly idle: () => Promise<void>
}

type State = {
  readonly options: BoardOptions
  /** Of the freeze that somebody wants lifted, the last one of which that is known. */
  pledge: Pledge | undefined
  writer: RunWriter | undefined
}

export function createThaws(options: BoardOptions): Thaws {
  const state: State = { options, pledge: undefined, writer: undefined }
  // One after the other: each is about what the one before has left.
  let chain: Promise<void> = Promise.resolve()
  const next = (work: () => Promise<void>) => {
    chain = chain.then(work).catch((error: unknown) => {
      options.log.error({ why: String(error) }, 'slack view of a freeze failed')
    })
  }
  return {
    start: async () => {
      next(() => start(state))
      await chain
    },
    hear: (facts) => {
      for (const fact of facts) {
        if (fact.type === 'thaw.asked' || fact.type === 'freeze.lifted' || fact.type === 'freeze.set')
          next(() => hear(state, fact))
      }
    },
    idle: async () => {
      await chain
      await state.writer?.idle()
    },
  }
}

const KEY = 'slack:thaw'

const Kept = z.strictObject({
  since: z.string(),
  reason: z.string(),
  asked: z.array(z.strictObject({ person: z.string(), reason: z.string() })),
  lifted: z.array(z.string()).optional(),
})

/** Also what was said while no process spoke in Slack. */
async function start(state: State): Promise<void> {
  const { memo } = state.options.app
  state.pledge ??= readKept(await memo.get(KEY))
  const freeze = await state.options.app.frozen()
  if (freeze !== undefined && freeze.thaw.length > 0 && freeze.since !== state.pledge?.since) {
    const asked = freeze.thaw.map(({ person }) => ({ person, reason: '' }))
    await become(state, { since: freeze.since, reason: freeze.reason, asked })
  } else if (state.pledge !== undefined) await show(state, state.pledge)
}

function readKept(text: string | undefined): Pledge | undefined {
  try {
    return Kept.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

type Heard = Extract<Fact, { type: 'thaw.asked' | 'freeze.lifted' | 'freeze.set' }>

async function hear(state: State, fact: Heard): Promise<void> {
  const { pledge } = state
  if (fact.type === 'thaw.asked') return await asked(state, fact)
  if (pledge === undefined || pledge.lifted !== undefined) return
  if (fact.type === 'freeze.set') return await show(state, pledge)
  await become(state, { ...pledge, lifted: fact.data.by ?? [] })
}

async function asked(
  state: State,
  { data: { person, reason } }: Heard & { type: 'thaw.asked' },
): Promise<void> {
  const freeze = await state.options.app.frozen()
  const { pledge } = state
  const said = { person, reason }
  if (pledge !== undefined && pledge.lifted === undefined && (freeze?.since ?? pledge.since) === pledge.since)
    return await become(state, { ...pledge, asked: [...pledge.asked, said] })
  // Lifted at once: there is nobody to ask.
  if (freeze === undefined) return
  await become(state, { since: freeze.since, reason: freeze.reason, asked: [said] })
}

async function become(state: State, pledge: Pledge): Promise<void> {
  const isNew = state.pledge?.since !== pledge.since
  state.pledge = pledge
  if (isNew) state.writer = undefined
  await state.options.app.memo.set(KEY, JSON.stringify(pledge))
  await show(state, pledge)
}

async function show(state: State, pledge: Pledge): Promise<void> {
  state.writer ??= await openWriter(state, pledge.since)
  state.writer?.mark()
}

async function openWriter(state: State, since: string): Promise<RunWriter | undefined> {
  const { options } = state
  const { app, home } = options
  const subject = `freeze/${since}`
  const known = await readRecord(app.memo, subject)
  if (known?.done === true) return undefined
  return createRunWriter({
    ...options,
    run: subject,
    record: known ?? { channel: home, messages: {}, done: false },
    memo: app.memo,
    load: async (_, { messages }) => {
      const { pledge } = state
      if (pledge?.since !== since) return { pages: [], final: true }
      const open = pledge.lifted === undefined && (await app.frozen())?.since === since
      return { pages: thawPages(pledge, open, new Set(Object.keys(messages))), final: !open }
    },
    finished: () => undefined,
  })
}
