// A bot in a process of its own that kills itself, with the signal that nothing can catch, at a named point. Its world
// is durable: each effect is on disk before the call that made it returns.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { playbook, startBot } from './bot.ts'
import type { Point } from './mortal-points.ts'
import { compare, createToy, toyActions, type Toy } from './toy.ts'

const [state = '', point = 'none'] = process.argv.slice(2)
const worldFile = join(state, 'world.json')
const effectsFile = join(state, 'effects.jsonl')

function die(here: Point): void {
  if (point === here) process.kill(process.pid, 'SIGKILL')
}

function durably(file: string, text: string, write: (file: string, text: string) => void): void {
  write(file, text)
  const handle = openSync(file, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}

function loadWorld(): Record<string, string> {
  return existsSync(worldFile) ? JSON.parse(readFileSync(worldFile, 'utf8')) : { first: 'on', second: 'on' }
}

function mortalToy(): Toy {
  const toy = createToy(loadWorld())
  let plans = 0
  toy.deadlineMs = 300
  toy.settleMs = 100
  toy.plan = (lamp) => {
    if (lamp !== 'second') return
    plans += 1
    // The first plan shows it, the second is at the moment of effect.
    if (plans === 2) die('before-intent')
  }
  toy.apply = (lamp, value, key) => {
    if (lamp === 'second') die('after-intent')
    toy.lamps.set(lamp, value)
    durably(effectsFile, `${JSON.stringify({ lamp, key, at: Date.now() })}\n`, appendFileSync)
    durably(worldFile, JSON.stringify(Object.fromEntries(toy.lamps)), writeFileSync)
    if (lamp === 'second') die('after-effect')
  }
  toy.probe = (change) => {
    if (change.target.name === 'second') die('before-probe')
    const verdict = compare(toy, change)
    if (change.target.name === 'second') die('before-outcome')
    return verdict
  }
  return toy
}

const set = (lamp: string, after: string[] = []) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  after,
})
const bot = await startBot({
  actions: toyActions(mortalToy()),
  playbooks: [playbook('lights', { first: set('first'), second: set('second', ['first']) })],
  state,
})
bot.firebreak.subscribe((facts) => {
  if (facts.some(({ type, step }) => type === 'step.succeeded' && step === 'second')) die('after-outcome')
})
const known = await bot.firebreak.runs({ limit: 10 })
const run = known[0]?.state.id ?? (await bot.start('lights'))
await eventually(async () => (await bot.firebreak.run(run)).state.endedAt !== undefined, { ms: 15_000 })
await bot.close()
