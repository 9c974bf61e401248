import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { stringify } from 'yaml'
import { tempFolder } from './bot.ts'
import { eventually } from './eventually.ts'

const bin = join(import.meta.dirname, '../../bin/firebreak.mjs')
/** What a first process compiled is there for the next. */
const cache = tempFolder()

type Env = { readonly [name: string]: string }

/** A folder with a `firebreak.yaml`, and the commands that are run there, each as a process of its own. */
export type Home = {
  readonly folder: string
  readonly url: string
  /** `firebreak serve`, until it says that it listens. */
  readonly serve: (...args: readonly string[]) => Promise<Serving>
  /** Another command, to its end. */
  readonly run: (...args: readonly string[]) => Promise<Ended>
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>
  readonly alert: (name: string) => Promise<Response>
}

export type Serving = {
  readonly pid: number
  /** Lines of its log. */
  readonly log: readonly string[]
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => Promise<number | string>
}
type Ended = {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly ms: number
}

type Around = { readonly env?: Env; readonly playbooks?: { readonly [name: string]: string } }

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** `playbooks` are texts by name. */
export async function openHome(config: object, { env = {}, playbooks = {} }: Around = {}): Promise<Home> {
  const folder = tempFolder()
  // Fixed, so that a process that begins anew is found again.
  const port = await freePort()
  const file = join(folder, 'firebreak.yaml')
  const url = `http://127.0.0.1:${port}`
  writeFileSync(file, stringify({ state: 'state', listen: { port }, ...config }))
  mkdirSync(join(folder, 'playbooks'))
  for (const [name, body] of Object.entries(playbooks))
    writeFileSync(join(folder, 'playbooks', `${name}.yaml`), body)
  const start = (args: readonly string[], out: 'ignore' | 'pipe') => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        ...env,
        FIREBREAK_CONFIG: file,
        FIREBREAK_STATE: join(folder, 'state'),
        XDG_CACHE_HOME: cache,
      },
      stdio: ['ignore', out, 'pipe'],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  return {
    folder,
    url,
    serve: async (...args) => {
      const child = start(['serve', ...args], 'ignore')
      const log: string[] = []
      if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
      await eventually(
        () => {
          if (child.exitCode !== null) throw new Error(`it ended (${child.exitCode}): ${log.join('\n')}`)
          return log.some((line) => line.includes('control socket open'))
        },
        { ms: 20_000, what: 'the start of the bot' },
      )
      const ended = once(child, 'exit')
      return {
        pid: child.pid ?? 0,
        log,
        signal: async (name) => {
          child.kill(name)
          const [code, by] = (await ended) as [number | null, string | null]
          return code ?? by ?? ''
        },
      }
    },
    run: async (...args) => {
      const began = performance.now()
      const child = start(args, 'pipe')
      const ended = once(child, 'exit')
      const [out, err] = await Promise.all([
        text(child.stdout ?? Readable.from([])),
        text(child.stderr ?? Readable.from([])),
      ])
      await ended
      return { code: child.exitCode, out, err, ms: performance.now() - began }
    },
    get: async (path) => {
      const answer = await fetch(url + path)
      return { status: answer.status, body: await answer.json() }
    },
    alert: (name) =>
      fetch(`${url}/alerts/alertmanager`, {
        method: 'POST',
        body: JSON.stringify({
          version: '4',
          status: 'firing',
          alerts: [
            {
              status: 'firing',
              labels: { alertname: name, at: String(performance.now()) },
              annotations: {},
              startsAt: new Date().toISOString(),
            },
          ],
        }),
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
