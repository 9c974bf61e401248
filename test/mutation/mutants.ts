// Mutation testing of `src/policy/`: every rule is changed in one place after the other, and a test must notice each change.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '../..')
const REPORT = '.vitest/mutation/report.json'

/** Of all mutants so many percent must be noticed; whichever is not has its reason in survivors.json. */
const LEAST = 95

type Place = { readonly line: number; readonly column: number }
type Mutant = {
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}
type Report = {
  readonly files: {
    readonly [file: string]: { readonly source: string; readonly mutants: readonly Mutant[] }
  }
}

/** A mutant that no test can or need notice. `line` is the line where it begins, `from` what it replaces. */
type Survivor = {
  readonly file: string
  readonly line: string
  readonly from: string
  readonly to: string
  readonly reason: string
}

type Found = Omit<Survivor, 'reason'> & { readonly status: string; readonly at: number }

export type Mutation = {
  readonly mutants: number
  readonly noticed: number
  readonly percent: number
  readonly violations: readonly string[]
}

/** Changes these files, or all of them. */
export async function mutate(files: readonly string[] = []): Promise<Mutation> {
  const code = await run(files)
  if (code !== 0) return { mutants: 0, noticed: 0, percent: 0, violations: [`stryker ended with ${code}`] }
  const report = JSON.parse(readFileSync(join(root, REPORT), 'utf8')) as Report
  const listed = JSON.parse(
    readFileSync(join(import.meta.dirname, 'survivors.json'), 'utf8'),
  ) as readonly Survivor[]
  return judge(foundIn(report), listed)
}

/** What it says goes to standard error: standard output is for what a program reads. */
function run(files: readonly string[]): Promise<number> {
  const some = files.length === 0 ? [] : ['--mutate', files.join(',')]
  const args = [join(root, 'node_modules/.bin/stryker'), 'run', 'test/mutation/stryker.json', ...some]
  return new Promise((resolve) => {
    // On the Node that runs this file, whichever one the shell would find.
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function foundIn({ files }: Report): readonly Found[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map(({ status, replacement = '', location: { start, end } }) => ({
      file,
      at: start.line,
      line: (source.split('\n')[start.line - 1] ?? '').trim(),
      from: oneLine(cut(source, start, end)),
      to: oneLine(replacement),
      status,
    })),
  )
}

/** Lines and columns are counted from 1. */
function cut(source: string, start: Place, end: Place): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  return lines
    .map((line, i) => line.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined))
    .join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

const noticed: ReadonlySet<string> = new Set(['Killed', 'Timeout'])
const survived: ReadonlySet<string> = new Set(['Survived', 'NoCoverage'])

export function judge(found: readonly Found[], listed: readonly Survivor[]): Mutation {
  const survivors = found.filter(({ status }) => survived.has(status))
  const dead = found.filter(({ status }) => noticed.has(status)).length
  const all = dead + survivors.length
  const percent = all === 0 ? 0 : (100 * dead) / all
  const unlisted = survivors.filter((mutant) => !listed.some((entry) => isSame(entry, mutant)))
  const seen = new Set(found.map(({ file }) => file))
  // One that is slow to notice may count as noticed for that: only one that a test noticed is listed for nothing.
  const idle = listed.filter(
    (entry) =>
      seen.has(entry.file) && !found.some((mutant) => isSame(entry, mutant) && mutant.status !== 'Killed'),
  )
  return {
    mutants: all,
    noticed: dead,
    percent: Math.floor(percent * 100) / 100,
    violations: [
      ...(percent < LEAST ? [`only ${percent.toFixed(2)}% of the mutants were noticed`] : []),
      ...unlisted.map(({ file, at, from, to }) => `no test notices ${file}:${at}: ${from} → ${to}`),
      ...idle.map(
        ({ file, line, to }) => `survivors.json names what a test notices, ${file}: ${line} → ${to}`,
      ),
    ],
  }
}

function isSame(entry: Omit<Survivor, 'reason'>, mutant: Omit<Survivor, 'reason'>): boolean {
  return (
    entry.file === mutant.file &&
    entry.line === mutant.line &&
    entry.from === mutant.from &&
    entry.to === mutant.to
  )
}
