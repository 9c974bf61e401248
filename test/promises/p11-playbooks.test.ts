import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import { lintConfig } from '../../src/config/load.ts'
import type { Diagnostic } from '../../src/core/playbook.ts'
import { errorPages } from '../../src/core/errors.ts'
import { parseYaml } from '../../src/core/yaml.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import { broken } from '../playbook/broken.ts'
import { stockPlaybooks } from '../support/sandbox-bot.ts'

// P11: a playbook that loads cannot fail for a missing or mistyped value. What could is refused when it is read, with
// a code and the exact place.

const MARK = '▲'

/** The text without the mark, and the line and column where it stood. */
function unmark(marked: string): { text: string; line: number; column: number } {
  const before = marked.slice(0, marked.indexOf(MARK)).split('\n')
  return { text: marked.replace(MARK, ''), line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function faultsOf(text: string): readonly Diagnostic[] {
  const loaded = loadPlaybook(text, 'broken.yaml', actions)
  return loaded.ok ? [] : loaded.diagnostics
}

describe('a broken playbook', () => {
  it('comes in more than forty kinds here, with names of their own', () => {
    expect(broken.length).toBeGreaterThan(40)
    expect(new Set(broken.map(({ name }) => name)).size).toBe(broken.length)
    for (const { text } of broken) expect(text.split(MARK)).toHaveLength(2)
  })

  it.each(broken)('$name is refused with $code at its place', ({ code, text: marked }) => {
    const { text, line, column } = unmark(marked)
    const faults = faultsOf(text)
    const places = faults.map((fault) => `${fault.code} ${fault.line}:${fault.column}`)
    expect(places).toContain(`${code} ${line}:${column}`)
    for (const fault of faults) {
      expect(fault).toMatchObject({ file: 'broken.yaml', message: /./, remedy: /./ })
      expect(Object.keys(errorPages)).toContain(fault.code)
    }
  })

  it('with many faults names them all, in order', () => {
    const text = `name: a
title: A
severity: low
because: drill
steps:
  one: { action: aws.nothing }
  two: { action: slack.post, with: { channel: 5, text: "\${{ inputs.x }}" } }
`
    const faults = faultsOf(text)
    expect(faults.map(({ code, line }) => `${line} ${code}`)).toEqual([
      '6 playbook.unknown-action',
      '7 playbook.wrong-type',
      '7 expr.unknown-name',
    ])
  })
})

describe('a sound playbook', () => {
  it.each(stockPlaybooks)('of the stock loads: %s', (text) => {
    expect(faultsOf(text)).toEqual([])
  })

  it.each(stockPlaybooks.flatMap((text) => cuts(text)))(
    'cut anywhere is refused or loads, and never throws',
    (text) => {
      for (const fault of faultsOf(text)) expect(fault.line).toBeGreaterThan(0)
    },
  )
})

/** The text cut after each of some of its characters, as an editor that saves too early would leave it. */
function cuts(text: string): string[] {
  return Array.from({ length: 12 }, (_, i) => text.slice(0, Math.floor((text.length * (i + 1)) / 13)))
}

const root = join(import.meta.dirname, '../..')
const docs = existsSync(join(root, 'docs'))
  ? readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)
  : []
const documents = ['README.md', ...docs].filter(
  (name) => name.endsWith('.md') && existsSync(join(root, name)),
)

describe('a YAML block in our documents', () => {
  const blocks = documents.flatMap((name) => blocksOf(name, readFileSync(join(root, name), 'utf8')))

  it.each(blocks)('$where is what it shows', ({ text }) => {
    const yaml = parseYaml(text, 'block.yaml')
    expect(yaml.ok ? [] : yaml.diagnostics).toEqual([])
    if (/^steps:/m.test(text) && /^name:/m.test(text)) expect(faultsOf(text)).toEqual([])
    else if (/^(people|slack|providers|alerts|guardrails|permissions):/m.test(text))
      expect(lintConfig(text, 'block.yaml').filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('is found by this test where there is one', () => {
    expect(blocksOf('x', 'a\n```yaml\nb: 1\n```\n')).toEqual([{ where: 'x, line 2', text: 'b: 1\n' }])
    expect(blocks.length).toBe(
      documents.flatMap((name) => readFileSync(join(root, name), 'utf8').match(/^ *```ya?ml/gm) ?? []).length,
    )
  })
})

function blocksOf(name: string, text: string): { where: string; text: string }[] {
  return [...text.matchAll(/^```ya?ml[^\n]*\n(.*?)^```/gms)].map((found) => ({
    where: `${name}, line ${text.slice(0, found.index).split('\n').length}`,
    text: found[1] ?? '',
  }))
}
