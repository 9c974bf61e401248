import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// The command itself, over tools that only say how they ended.

const tools = ['tsc', 'oxlint', 'oxfmt', 'knip']

describe('npm test', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firebreak-run-'))
    for (const path of ['test/support', 'src/gen', 'node_modules/.bin', 'data'])
      mkdirSync(join(folder, path), { recursive: true })
    for (const file of ['run.ts', 'support/postgres-folder.ts'])
      cpSync(join(import.meta.dirname, '..', file), join(folder, 'test', file))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'src/gen/main.ts'), '')
    for (const name of tools) tool(name, 'exit 0')
    vitest({ passed: 3 })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function tool(name: string, script: string): void {
    const file = join(folder, 'node_modules/.bin', name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }

  /** A vitest that writes a report of these counts. */
  function vitest({ passed = 0, failed = 0, pending = 0, broken = 0 }, code = 0): void {
    const report = {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: pending,
      numTodoTests: 0,
      testResults: Array.from({ length: broken }, () => ({ status: 'failed', assertionResults: [] })),
    }
    const write = `for a in "$@"; do case $a in --outputFile.json=*) echo '${JSON.stringify(report)}' > "\${a#*=}";; esac; done`
    tool('vitest', `${write}\nexit ${code}`)
  }

  function run(env: { readonly [name: string]: string } = {}) {
    const { CI: _, ...rest } = process.env
    const all = { FIREBREAK_SHARED_DATA: join(folder, 'data'), FIREBREAK_CHROMIUM: process.execPath, ...env }
    const { status, stdout } = spawnSync(process.execPath, ['test/run.ts'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...rest, ...all },
    })
    return { code: status, text: stdout, last: stdout.trimEnd().split('\n').at(-1) }
  }

  it('counts checks and tests together, on a last line of its own', () => {
    expect(run()).toMatchObject({ code: 0, last: '8 passed, 0 failed' })
    vitest({ passed: 3, pending: 2 })
    expect(run()).toMatchObject({ code: 0, last: '8 passed, 0 failed, 2 skipped' })
  })

  it.each(tools)('shows what %s found, and fails', (name) => {
    tool(name, 'echo found by the tool; exit 1')
    const { code, text, last } = run()
    expect({ code, last }).toEqual({ code: 1, last: '7 passed, 1 failed' })
    expect(text).toContain('found by the tool')
  })

  it('fails for stale generated files', () => {
    writeFileSync(join(folder, 'src/gen/main.ts'), "console.error('x is stale'); process.exitCode = 1")
    const { last, text } = run()
    expect(last).toBe('7 passed, 1 failed')
    expect(text).toContain('x is stale')
  })

  it('fails for a failed test, a file that does not load, an error outside of tests, and a missing report', () => {
    vitest({ passed: 2, failed: 1 }, 1)
    expect(run()).toMatchObject({ code: 1, last: '7 passed, 1 failed' })
    vitest({ passed: 2, broken: 1 }, 1)
    expect(run()).toMatchObject({ code: 1, last: '7 passed, 1 failed' })
    vitest({ passed: 2 }, 1)
    expect(run()).toMatchObject({ code: 1, last: '7 passed, 1 failed' })
    tool('vitest', 'exit 1')
    expect(run()).toMatchObject({ code: 1, last: '5 passed, 1 failed' })
    rmSync(join(folder, 'node_modules/.bin/vitest'))
    expect(run()).toMatchObject({ code: 1, last: '5 passed, 1 failed' })
  })

  it('says what this machine lacks, and with CI set fails for it', () => {
    const none = join(folder, 'none')
    const bare = { FIREBREAK_SHARED_DATA: none, FIREBREAK_CHROMIUM: none, PATH: none }
    const { code, text } = run(bare)
    expect(code).toBe(0)
    for (const what of ['Chromium', 'recorded data', 'Go', 'ssh-keygen']) {
      expect(text).toMatch(new RegExp(`^skipped: .*${what}`, 'm'))
    }
    expect(run({ ...bare, CI: 'true' })).toMatchObject({ code: 1, last: '8 passed, 4 failed' })
  })
})
