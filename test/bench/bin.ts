import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { killAtExit } from './orphans.ts'
import { now } from './remote.ts'

const bin = fileURLToPath(new URL('../../bin/firebreak.mjs', import.meta.url))
const Ready = z.object({ msg: z.literal('ready'), url: z.string() })
const WITHIN_MS = 20_000

/** `firebreak serve` as a user starts it. */
export type Served = {
  readonly startedAt: number
  /** From spawn to the log line that says ready. */
  readonly readyMs: number
  readonly url: string
  /** Proportional set size, in MB: what the process alone is to blame for. */
  readonly pssMb: () => number
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
}

export async function serveBin(
  config: string,
  env: { readonly [name: string]: string },
  /** Where the compile cache lies: the first start fills it. */
  cache: string,
): Promise<Served> {
  const startedAt = now()
  const child = spawn(process.execPath, [bin, 'serve', '--config', config], {
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: '', XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  killAtExit(child)
  const url = await ready(child)
  return {
    startedAt,
    readyMs: now() - startedAt,
    url,
    pssMb: () => pssOf(child.pid ?? 0),
    kill: async (signal) => {
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

async function ready(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const said: string[] = []
  const late = setTimeout(() => reject(new Error('the bot was not ready in time')), WITHIN_MS)
  child.once('exit', (code) => reject(new Error(`the bot ended (${code}): ${said.join('\n')}`)))
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const parsed = line.startsWith('{') ? Ready.safeParse(JSON.parse(line)) : undefined
      if (parsed?.success) resolve(parsed.data.url)
    })
  }
  try {
    return await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(late)
  }
}

function pssOf(pid: number): number {
  const [, kb] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  return Number(kb) / 1024
}
