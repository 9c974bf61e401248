import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-file-sink-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const open = (path: string) => startBench({ name: 'copy', kind: 'file', path, ...pace })

describe('the file sink', () => {
  it('writes lines of ASCII into a file that only its owner reads', async () => {
    const path = join(folder, 'plain.jsonl')
    await using bench = open(path)
    bench.grow(2)
    await eventually(() => bench.next('copy') === 2)
    const text = readFileSync(path, 'utf8')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(text).toMatch(/^[ -~\n]+$/)
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        seq: 0,
        type: 'alert.decided',
        data: { note: 'entry 0 <!channel> é\u202e' },
        hash: bench.entries[0]?.hash,
      },
      { seq: 1, run: 'run-1', n: 1, step: 'dis"able]\n' },
    ])
  })

  it('goes on in a new file when somebody moves the old one away', async () => {
    const path = join(folder, 'moved.jsonl')
    await using bench = open(path)
    bench.grow(1)
    await eventually(() => bench.next('copy') === 1)
    renameSync(path, `${path}.1`)
    bench.grow(1)
    await eventually(() => bench.next('copy') === 2)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ seq: 1 })
  })

  it('begins a new line behind one that was cut off', async () => {
    const path = join(folder, 'torn.jsonl')
    appendFileSync(path, '{"seq":0,"ty')
    await using bench = open(path)
    bench.grow(1)
    await eventually(() => bench.next('copy') === 1)
    const [torn, line] = readFileSync(path, 'utf8').split('\n')
    expect(torn).toBe('{"seq":0,"ty')
    expect(JSON.parse(line ?? '')).toMatchObject({ seq: 0 })
  })

  it('waits for a folder that is not there, and says which file it cannot write', async () => {
    const missing = join(folder, 'missing')
    await using bench = open(join(missing, 'audit.jsonl'))
    bench.grow(3)
    const { why } = await eventually(() => bench.status().failing)
    expect(why).toContain('ENOENT')
    mkdirSync(missing)
    await eventually(() => bench.next('copy') === 3)
  })

  it('writes into nothing but a regular file', async () => {
    await using bench = open('/dev/null')
    bench.grow(1)
    const { why } = await eventually(() => bench.status().failing)
    expect(why).toContain('audit.bad-file')
  })
})
