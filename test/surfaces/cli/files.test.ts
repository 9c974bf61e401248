import { Ajv2020 } from 'ajv/dist/2020.js'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { files } from '../../../src/commands/files.ts'
import { type ErrorCode, errorPages } from '../../../src/core/errors.ts'
import type { Diagnostic } from '../../../src/core/playbook.ts'
import { createCli } from './cli.ts'

const fault: Diagnostic = {
  code: 'expr.unknown-name',
  severity: 'error',
  message: '100% of steps.ownr, it::self\r\ndoes not exist',
  remedy: 'Write steps.owner.',
  file: 'playbooks/a,b:c.yaml',
  line: 12,
  column: 7,
  excerpt: '',
}

function cliWith(...diagnostics: readonly Diagnostic[]) {
  return createCli({ files: { lint: () => Promise.resolve({ files: ['x.yaml'], diagnostics }) } })
}

describe('lint --format github', () => {
  test('is one workflow command for each fault, escaped as GitHub reads it', async () => {
    const { code, out } = await cliWith(fault, { ...fault, severity: 'warning', line: 3 }).run(
      'lint',
      '--format',
      'github',
    )
    expect(code).toBe(2)
    const place = 'file=playbooks/a%2Cb%3Ac.yaml,line=12,col=7,title=expr.unknown-name'
    const said = '100%25 of steps.ownr, it::self  does not exist%0AWrite steps.owner.'
    expect(out.split('\n')).toEqual([
      `::error ${place}::${said}`,
      `::warning ${place.replace('12', '3')}::${said}`,
      '',
    ])
  })

  test('cannot be made to give another command by what a file says', async () => {
    const evil = {
      ...fault,
      message: '\n::set-env name=A::b',
      remedy: '\r::stop-commands::x',
      file: 'a\n::debug::b',
    }
    const { out } = await cliWith(evil).run('lint', '--format', 'github')
    expect(out.split('\n').filter((line) => line !== '')).toHaveLength(1)
    expect(out).toMatch(/^::error file=a%0A%3A%3Adebug%3A%3Ab,line=/)
  })

  test('names files from the folder it runs in, and prints nothing when nothing is wrong', async () => {
    const folder = createCli().folder
    const io = { cwd: folder }
    const at = (file: string) =>
      createCli({ io, files: { lint: async () => ({ files: [], diagnostics: [{ ...fault, file }] }) } })
    const format = ['lint', '--format', 'github']
    expect((await at(join(folder, 'in/x.yaml')).run(...format)).out).toContain('file=in/x.yaml,')
    expect((await at('/elsewhere/x.yaml').run(...format)).out).toContain('file=/elsewhere/x.yaml,')
    expect(await cliWith().run(...format)).toEqual({ code: 0, out: '', err: '' })
  })
})

// What the specification (OASIS SARIF 2.1.0, sections 3.13 to 3.52) says of the objects that are used here. Nothing else is let through.
const text = {
  type: 'object',
  properties: { text: { type: 'string', minLength: 1 } },
  required: ['text'],
  additionalProperties: false,
}
const count = { type: 'integer', minimum: 1 }
const closed = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const rule = closed({
  id: { type: 'string', minLength: 1 },
  name: { type: 'string', pattern: '^([A-Z][a-zA-Z0-9]*)+$' },
  shortDescription: text,
  fullDescription: text,
  help: text,
})
const location = closed({
  physicalLocation: closed({
    artifactLocation: closed({ uri: { type: 'string', pattern: "^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$" } }),
    region: closed({ startLine: count, startColumn: count }),
  }),
})
const result = closed({
  ruleId: { type: 'string' },
  ruleIndex: { type: 'integer', minimum: 0 },
  level: { enum: ['none', 'note', 'warning', 'error'] },
  message: text,
  locations: { type: 'array', items: location, minItems: 1, maxItems: 1 },
})
const driver = closed({
  name: text.properties.text,
  version: { type: 'string' },
  rules: { type: 'array', items: rule, uniqueItems: true },
})
const log = closed({
  $schema: { const: 'https://json.schemastore.org/sarif-2.1.0.json' },
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    minItems: 1,
    maxItems: 1,
    items: closed({
      tool: closed({ driver }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: { type: 'array', items: result },
    }),
  },
})

type Sarif = {
  runs: {
    tool: { driver: { rules: { id: string; help: { text: string } }[] } }
    results: { ruleId: string; ruleIndex: number }[]
  }[]
}

describe('lint --format sarif', () => {
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile<Sarif>(log)

  async function sarifOf(...diagnostics: readonly Diagnostic[]): Promise<Sarif> {
    return JSON.parse((await cliWith(...diagnostics).run('lint', '--format', 'sarif')).out) as Sarif
  }

  test('has the objects of the specification and no others', async () => {
    const written = await sarifOf(
      fault,
      { ...fault, severity: 'warning', file: '/a b/ü.yaml' },
      { ...fault, file: '..\\x' },
    )
    validate(written)
    expect(validate.errors).toBeNull()
    expect(validate(await sarifOf())).toBe(true)
    expect(validate({ ...written, version: '2.2' })).toBe(false)
    expect(validate({ ...written, more: 1 })).toBe(false)
  })

  test('has a rule, with help, for every code that a file can be refused with', async () => {
    const [run] = (await sarifOf(fault, { ...fault, code: 'store.held' })).runs
    const rules = run?.tool.driver.rules ?? []
    const family = /^(playbook|expr|yaml|config)\./
    const expected = Object.keys(errorPages).filter((code) => family.test(code) || code === 'store.held')
    expect(new Set(rules.map(({ id }) => id))).toEqual(new Set(expected))
    expect(rules).toHaveLength(expected.length)
    for (const { id, help } of rules) expect(help.text).toContain(errorPages[id as ErrorCode])
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId)
  })
})

const cli = () => createCli({ files: { actions: files.actions, playbookInfos: files.playbookInfos } })

async function named(...argv: string[]): Promise<string[]> {
  const infos = JSON.parse((await cli().run(...argv, '--json')).out) as { name: string }[]
  return infos.map(({ name }) => name)
}

describe('actions', () => {
  test('are found by words in their name, title or provider, whatever the case', async () => {
    const secret = await named('actions', 'SECRET')
    expect(secret).toContain('aws.rotate-secret')
    for (const name of secret) expect(name).toMatch(/secret/)
    expect(await named('actions', 'slack', 'message')).toEqual(['slack.post'])
    expect((await named('actions')).length).toBeGreaterThan(secret.length)
  })

  test('are found by their effect, with words or without', async () => {
    expect(await named('actions', '--effect', 'notify')).toEqual(['slack.post'])
    const reads = await named('actions', 'kubernetes', '--effect', 'read')
    expect(reads).toContain('kubernetes.list-revisions')
    expect(reads).not.toContain('kubernetes.scale')
    expect((await cli().run('actions', '--effect', 'write')).code).toBe(2)
  })

  test('that do not exist are no error, and it says so', async () => {
    const { code, out } = await cli().run('actions', 'teleport', 'cat\u001b[2J')
    expect(code).toBe(0)
    expect(out).toBe('no action has "teleport" and "cat"\n')
    expect(await named('actions', 'teleport')).toEqual([])
    expect((await cli().run('actions', '--effect', 'notify', 'aws')).out).toContain('no action has')
  })
})

describe('playbooks', () => {
  test('are found by words: name, title, severity, reason, threats, inputs, actions', async () => {
    expect(await named('playbooks', 'leaked')).toEqual(['leaked-aws-key'])
    expect(await named('playbooks', 'critical', 'gpu')).toEqual(['compromised-gpu-endpoint'])
    expect(await named('playbooks', 'aml.t0055')).toEqual(['leaked-aws-key'])
    expect(await named('playbooks', 'kubernetes.rollback')).toEqual(['bad-model-version'])
    expect(await named('playbooks', 'replicaset')).toEqual(['bad-model-version'])
    expect(await named('playbooks', 'quantum')).toEqual([])
    expect((await cli().run('playbooks', 'quantum')).out).toBe('no playbook has "quantum"\n')
  })

  test('can be those of another folder or file', async () => {
    const file = join(import.meta.dirname, '../../../playbooks/leaked-aws-key.yaml')
    expect(await named('playbooks', '--in', file)).toEqual(['leaked-aws-key'])
    expect((await cli().run('playbooks', '--in', 'no/such/folder')).err).toContain('playbook.file')
  })
})
