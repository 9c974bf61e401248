import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { killAtExit } from './orphans.ts'

// Stand-ins, senders and the bot under test each have a process of their own, or they would wait for each other's
// event loop and the figures would be of the bench. Calls between them go over Node's IPC channel.

type Methods = { readonly [name: string]: (input: never) => unknown }

export type Remote<M extends Methods> = {
  readonly call: <K extends keyof M & string>(
    name: K,
    ...input: Parameters<M[K]>
  ) => Promise<Awaited<ReturnType<M[K]>>>
  readonly close: () => Promise<void>
  readonly signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

type Call = { readonly id: number; readonly name: string; readonly input: unknown }
type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string }

export async function startRemote<M extends Methods>(
  file: string,
  args: string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<Remote<M>> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  killAtExit(child)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  const begun = Promise.withResolvers<void>()
  child.on('message', (message: Answer | 'listening') => {
    if (message === 'listening') return begun.resolve()
    const answered = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) answered?.resolve(message.value)
    else answered?.reject(new Error(message.error))
  })
  child.once('exit', (code, signal) => {
    const why = new Error(`${file} ended (${code ?? signal})`)
    begun.reject(why)
    for (const { reject } of waiting.values()) reject(why)
  })
  const ended = once(child, 'exit').then(([code, signal]): number | string => code ?? signal)
  await begun.promise
  async function call<K extends keyof M & string>(
    name: K,
    ...[input]: Parameters<M[K]>
  ): Promise<Awaited<ReturnType<M[K]>>> {
    const answered = Promise.withResolvers<unknown>()
    waiting.set(++last, answered)
    child.send({ id: last, name, input } satisfies Call)
    return (await answered.promise) as Awaited<ReturnType<M[K]>>
  }
  return {
    call,
    ended,
    signal: (signal) => void child.kill(signal),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(late)
    },
  }
}

/** The other side. The process ends when the bench hangs up. */
export function serveRemote(methods: Methods, close: () => Promise<void>): void {
  process.on('message', ({ id, name, input }: Call) => {
    void answer(methods[name], input).then((said) => process.send?.({ id, ...said }))
  })
  process.once('disconnect', () => void close().finally(() => process.exit()))
  process.send?.('listening')
}

async function answer(
  method: Methods[string] | undefined,
  input: unknown,
): Promise<{ value?: unknown; error?: string }> {
  try {
    return { value: await method?.(input as never) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** Milliseconds on the kernel's monotonic clock, which all processes of the machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
