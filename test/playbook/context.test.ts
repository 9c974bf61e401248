import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files } from '../../src/commands/files.ts'
import { checkExpression, constantOf, createScope, int, objectOf, string } from '../../src/expr/index.ts'
import { readPlaybooks } from '../../src/playbook/folder.ts'
import { loadPlaybook, reloadPlaybook } from '../../src/playbook/load.ts'
import { registry } from './registry.ts'

const steps = `steps:
  off: { using: lab, action: aws.rotate-secret, with: { secretId: a }, approve: { from: aprover } }
`
const text = `name: rotate
title: Rotate
severity: low
because: drill
${steps}`

function folder(contents: { readonly [file: string]: string }): string {
  const path = mkdtempSync(join(tmpdir(), 'firebreak-lint-'))
  mkdirSync(join(path, 'playbooks'))
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(path, name), content)
  return path
}

const config = `providers: { aws: { main: { region: eu-central-1 } } }
people: [{ id: rosa, name: Rosa, roles: [approver] }, { id: sam, name: Sam, roles: [approver] }]
`

async function codes(paths: string[]): Promise<string[]> {
  return (await files.lint(paths)).diagnostics.map(({ code }) => code)
}

describe('lint', () => {
  it('without a configuration says nothing of instances and roles', async () => {
    const path = folder({ 'playbooks/rotate.yaml': text })
    expect(await codes([join(path, 'playbooks')])).toEqual([])
  })

  it('with a configuration finds instances and roles that it does not have', async () => {
    const path = folder({ 'playbooks/rotate.yaml': text, 'firebreak.yaml': config })
    expect(await codes([join(path, 'firebreak.yaml'), join(path, 'playbooks')])).toEqual([
      'playbook.unknown-instance',
      'playbook.unknown-role',
    ])
  })

  it('names the file that has another name than its playbook', async () => {
    const path = folder({ 'playbooks/turn.yaml': text })
    const { diagnostics } = await files.lint([join(path, 'playbooks')])
    expect(diagnostics).toMatchObject([{ code: 'playbook.file-name', line: 1, column: 7 }])
  })

  it('keeps a playbook that has only warnings', () => {
    const path = folder({
      'playbooks/rotate.yaml': text.replace(
        steps,
        `inputs: { a: { type: string, description: A } }\n${steps}`,
      ),
    })
    const { playbooks, diagnostics } = readPlaybooks([join(path, 'playbooks')], registry)
    expect([...playbooks.keys()]).toEqual(['rotate'])
    expect(diagnostics).toMatchObject([{ code: 'playbook.unused-input', severity: 'warning' }])
  })
})

describe('a text that loaded once', () => {
  it('loads again although a review would now refuse it: a run in progress goes on', () => {
    const leak = text.replace('drill', 'leak')
    expect(loadPlaybook(leak, 'rotate.yaml', registry).ok).toBe(false)
    expect(reloadPlaybook(leak, 'rotate.yaml', registry).info.name).toBe('rotate')
  })

  it('is refused where it could fail', () => {
    const wrong = text.replace('secretId: a', 'secretId: 1')
    expect(() => reloadPlaybook(wrong, 'rotate.yaml', registry)).toThrow(/no longer loads/)
  })
})

describe('fields of one name and two types', () => {
  it('stay apart, in one scope and between scopes', () => {
    for (const [left, right] of [[int(), string] as const, [string, int()] as const]) {
      const scope = createScope({ a: objectOf({ value: left }), b: objectOf({ value: right }) })
      const source = left.kind === 'int' ? 'a.value > 1 && b.value == "x"' : 'b.value > 1 && a.value == "x"'
      expect(checkExpression(source, scope).ok).toBe(true)
      expect(checkExpression('a.value == b.value', scope).ok).toBe(false)
    }
  })
})

describe('a condition', () => {
  const scope = createScope({
    n: int(0, 5),
    size: { kind: 'string', enum: ['small', 'large'] },
    one: { kind: 'string', enum: ['small'] },
    text: string,
    yes: { kind: 'bool' },
  })
  it.each([
    ['true', true],
    ['1 + 1 == 2', true],
    ['"a".startsWith("b")', false],
    ['[1, 2].exists(x, x > 2)', false],
    ['n >= 0', true],
    ['n > 5', false],
    ['n < 6', true],
    ['n <= -1', false],
    ['n == 6', false],
    ['n != 6', true],
    ['n == 5', undefined],
    ['n + 1 > 0', true],
    ['n > 2', undefined],
    ['size == "tiny"', false],
    ['size != "tiny"', true],
    ['size == "small"', undefined],
    ['one == "small"', true],
    ['text == text', true],
    ['text != text', false],
    ['text < text', false],
    ['text == "a"', undefined],
    ['yes', undefined],
    ['yes && n > 5', false],
    ['n > 5 || yes', undefined],
    ['yes || n < 6', true],
    ['!(n > 5)', true],
    ['yes ? n > 5 : n > 6', false],
    ['yes ? n > 5 : n < 6', undefined],
    ['n < 6 ? yes : false', undefined],
    ['yes && !yes', undefined],
  ])('%s is folded to %s', (source, expected) => {
    const checked = checkExpression(source, scope)
    if (!checked.ok) throw new Error(checked.problems[0]?.message)
    expect(constantOf(checked.expression)).toBe(expected)
  })
})
