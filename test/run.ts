// What `npm test` runs: the checks, then every test. It says what this machine cannot do, and ends with one line of counts.
import { spawn, type SpawnOptions } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { postgresFolder } from './support/postgres-folder.ts'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules/.bin')
const inCi = (process.env['CI'] ?? '') !== ''

/** The tools run on the Node that runs this file, whichever one the shell would find. */
const env = { ...process.env, PATH: [dirname(process.execPath), bin, process.env['PATH']].join(delimiter) }

type Counts = { passed: number; failed: number; skipped: number }
const counts: Counts = { passed: 0, failed: 0, skipped: 0 }

type Need = {
  readonly what: string
  readonly there: boolean
  readonly without: string
  readonly remedy: string
}

function needs(): Need[] {
  const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(root, '../shared/data')
  const chromium = process.env['FIREBREAK_CHROMIUM'] ?? '/usr/bin/chromium'
  return [
    {
      what: 'Chromium',
      there: existsSync(chromium),
      without: 'the tests of the page in a browser',
      remedy: 'install the package chromium, or set FIREBREAK_CHROMIUM',
    },
    {
      what: 'recorded data',
      there: existsSync(shared),
      without: 'the tests against recorded traffic and published schemas',
      remedy: `set FIREBREAK_SHARED_DATA to its folder (now ${shared})`,
    },
    {
      what: 'PostgreSQL',
      there: postgresFolder() !== undefined,
      without: 'the tests of several processes that share a journal',
      remedy: 'install the package postgresql',
    },
    {
      what: 'Go',
      there: onPath('go'),
      without: 'the tests with a verifier of logs that is not ours',
      remedy: 'install the package golang-go',
    },
    {
      what: 'ssh-keygen',
      there: onPath('ssh-keygen'),
      without: 'the tests with signatures that OpenSSH made',
      remedy: 'install the package openssh-client',
    },
  ]
}

function onPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** What is missing is skipped, aloud; on a machine that is there to test, it is a failure. */
function sayWhatIsMissing(): void {
  for (const { what, without, remedy } of needs().filter(({ there }) => !there)) {
    if (inCi) counts.failed += 1
    console.log(`${inCi ? '✗ missing' : 'skipped'}: ${without}, for there is no ${what} here (${remedy})`)
  }
  if (!inCi) console.log('skipped: crash points and storms, which take minutes (set CI, or npm run nightly)')
}

type Ended = { readonly code: number; readonly output: string }

function execute(command: string, args: readonly string[], stdio: SpawnOptions['stdio']): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

type Check = { readonly name: string; readonly command: string; readonly args: readonly string[] }

const checks = {
  types: { name: 'types (tsc)', command: join(bin, 'tsc'), args: [] },
  lint: { name: 'lint (oxlint)', command: join(bin, 'oxlint'), args: [] },
  format: { name: 'format (oxfmt)', command: join(bin, 'oxfmt'), args: ['--check'] },
  unused: { name: 'unused code (knip)', command: join(bin, 'knip'), args: [] },
  generated: { name: 'generated files', command: process.execPath, args: ['src/gen/main.ts', '--check'] },
} satisfies { [name: string]: Check }

async function check({ name, command, args }: Check): Promise<void> {
  const began = performance.now()
  const { code, output } = await execute(command, args, ['ignore', 'pipe', 'pipe'])
  counts[code === 0 ? 'passed' : 'failed'] += 1
  console.log(`${code === 0 ? '✓' : '✗'} ${name} ${seconds(began)}`)
  if (code !== 0) console.log(output.trimEnd())
}

/** One after the other. */
async function lane(of: readonly Check[]): Promise<void> {
  for (const one of of) {
    // oxlint-disable-next-line no-await-in-loop -- two lanes fill two cores
    await check(one)
  }
}

type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

async function tests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-test-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { code, output } = await execute(join(bin, 'vitest'), ['run', ...reporters], 'inherit')
    if (output !== '') console.log(output)
    countTests(file, code)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function countTests(file: string, code: number): void {
  const failedBefore = counts.failed
  if (existsSync(file)) {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report
    // A file that does not load has no tests to fail: it counts as one.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests + broken.length
    counts.skipped += report.numPendingTests + report.numTodoTests
  }
  // It failed, and no test did: an error outside of any test, or no report at all.
  if (code !== 0 && counts.failed === failedBefore) counts.failed += 1
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`
}

const began = performance.now()
sayWhatIsMissing()
await Promise.all([lane([checks.types, checks.generated, checks.format]), lane([checks.lint, checks.unused])])
await tests()
console.log(`took ${seconds(began)}`)
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exitCode = counts.failed > 0 ? 1 : 0
