import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fold, type RunState } from '../../src/core/run.ts'
import type { Fact } from '../../src/core/fact.ts'
import { readFact } from '../../src/store/rows.ts'
import { tempFolder } from './bot.ts'
import type { Point } from './mortal-points.ts'

const script = join(import.meta.dirname, 'mortal.ts')

/** What one effect looked like from the world's side. */
type Effect = { readonly lamp: string; readonly key: string; readonly at: number }

/** What disk holds after a process: the journal's facts, and what happened in the world. */
export type Remains = {
  readonly facts: readonly Fact[]
  readonly effects: readonly Effect[]
  readonly run: RunState
}

/** Runs the mortal bot until it dies at the point, then again until its run is over. */
export async function killAndRestart(point: Point): Promise<{ killed: Remains; ended: Remains }> {
  const state = tempFolder()
  const signal = await runOnce(state, point)
  if (signal !== 'SIGKILL') throw new Error(`the bot did not reach ${point}: it ended with ${signal}`)
  const killed = remainsOf(state)
  const second = await runOnce(state, 'none')
  if (second !== 0) throw new Error(`the restarted bot ended with ${second}`)
  return { killed, ended: remainsOf(state) }
}

function runOnce(state: string, point: string): Promise<number | string> {
  const child = spawn(process.execPath, [script, state, point], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1))
  })
}

function remainsOf(state: string): Remains {
  const db = new DatabaseSync(join(state, 'journal.db'))
  const facts = db.prepare('select seq, leaf, data from journal order by seq').all().map(readFact)
  db.close()
  const file = join(state, 'effects.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const effects = lines.map((line): Effect => JSON.parse(line))
  const run = fold(facts.filter((fact) => fact.run !== undefined))
  if (run === undefined) throw new Error('the journal holds no run')
  return { facts, effects, run }
}
