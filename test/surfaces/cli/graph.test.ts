import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { graph } from '../../../src/commands/graph.ts'
import { stockPlaybooks } from '../../../src/commands/files.ts'
import type { GraphCommands } from '../../../src/surfaces/cli/deps.ts'
import { createCli, createCliWithBot } from './cli.ts'
import { playbook } from '../api/fake-firebreak.ts'

const stock = join(stockPlaybooks, 'leaked-aws-key.yaml')

describe('graph', () => {
  test('draws a stock playbook by its name, in Mermaid where nothing else is said', async () => {
    const { code, out } = await createCli({ graph }).run('graph', 'leaked-aws-key')
    expect(code).toBe(0)
    expect(out).toMatch(/^flowchart TB\n/)
    expect(out).toContain('aws.deactivate-access-key')
    expect(out).toMatch(/[^\n]\n$/)
  })

  test('draws a playbook by its file', async () => {
    const { code, out } = await createCli({ graph }).run('graph', stock, '--format', 'svg')
    expect(code).toBe(0)
    expect(out).toMatch(/^<svg [^]*at the end[^]*<\/svg>\n$/)
  })

  test('writes a file, in the format of its ending', async () => {
    const { run, folder } = createCli({ graph })
    expect(await run('graph', stock, '-o', 'key.png')).toMatchObject({ code: 0, out: 'wrote key.png\n' })
    expect(readFileSync(join(folder, 'key.png')).subarray(1, 4).toString()).toBe('PNG')
    await run('graph', stock, '-o', 'key.svg')
    expect(readFileSync(join(folder, 'key.svg'), 'utf8')).toMatch(/^<svg /)
    await run('graph', stock, '-o', 'key.md', '--format', 'mermaid')
    expect(readFileSync(join(folder, 'key.md'), 'utf8')).toMatch(/^flowchart TB/)
  })

  test('gives JSON: the text, or where it was written', async () => {
    const { run } = createCli({ graph })
    const text: unknown = JSON.parse((await run('graph', stock, '--format', 'svg', '--json')).out)
    expect(text).toMatchObject({ format: 'svg', text: expect.stringMatching(/^<svg /) as string })
    const file: unknown = JSON.parse((await run('graph', stock, '-o', 'key.svg', '--json')).out)
    expect(file).toEqual({ format: 'svg', file: 'key.svg', bytes: expect.any(Number) as number })
  })

  test('hands the columns on', async () => {
    const asked: unknown[] = []
    const draw: GraphCommands['draw'] = async ({ columns }) => {
      asked.push(columns)
      return 'x'
    }
    const { run } = createCli({ graph: { playbook: async () => playbook, draw } })
    await run('graph', 'p', '--columns', '4')
    await run('graph', 'p')
    expect(asked).toEqual([4, undefined])
    for (const wrong of ['0', '13', 'two', '1.5']) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, to name the value
      expect((await run('graph', 'p', '--columns', wrong)).code, wrong).toBe(2)
    }
  })

  test('draws a run of the bot as it stands, and takes no other playbook for it', async () => {
    const { run, fake } = await createCliWithBot({ graph })
    const id = fake.begin()
    const { code, out } = await run('graph', '--run', id, '--format', 'svg')
    expect(code).toBe(0)
    expect(out).toContain(`leaked-key, run ${id}: awaiting approval`)
    expect(out).toContain('not yet')
    const other = await run('graph', 'another', '--run', id)
    expect(other.code).toBe(2)
    expect(other.err).toContain('is one of leaked-key, not of another')
  })

  test.each<[string, string[], string]>([
    ['no playbook', [], 'no playbook is named'],
    ['an unknown name', ['leaked-key'], 'leaked-aws-key'],
    ['a missing file', ['./nothing.yaml'], 'cannot be read'],
    ['a folder of several', [stockPlaybooks], 'several playbooks'],
    ['another format', [stock, '--format', 'gif'], 'mermaid, svg, png'],
    ['a PNG on the terminal', [stock, '--format', 'png'], 'a PNG is no text'],
    ['a file that cannot be written', [stock, '-o', 'no/such/folder.svg'], 'usage.output'],
  ])('refuses %s, and says what to do', async (_, argv, said) => {
    const { code, err } = await createCli({ graph }).run('graph', ...argv)
    expect(code).toBe(2)
    expect(err).toContain(said)
    expect(err).toContain('→')
  })

  test('refuses a playbook with a fault, and names its place', async () => {
    const { run, folder } = createCli({ graph })
    const file = join(folder, 'leaked-aws-key.yaml')
    writeFileSync(file, readFileSync(stock, 'utf8').replace('hours: 24', 'hours: many'))
    const { code, err } = await run('graph', file)
    expect(code).toBe(2)
    expect(err).toContain('playbook.refused')
    expect(err).toMatch(/leaked-aws-key\.yaml:\d+:\d+/)
  })
})
