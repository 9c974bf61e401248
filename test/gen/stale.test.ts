import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const generated = [
  'src/actions/index.ts',
  'src/actions/README.md',
  'playbooks/schema.json',
  'deploy/kubernetes/rbac.yaml',
  'deploy/aws/policy.json',
]

describe('npm run gen', () => {
  let copy: string
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'firebreak-gen-'))
    for (const part of ['core', 'expr', 'playbook', 'actions', 'providers', 'gen']) {
      cpSync(join(root, 'src', part), join(copy, 'src', part), { recursive: true })
    }
    cpSync(join(root, 'package.json'), join(copy, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const file of generated) {
      mkdirSync(join(copy, file, '..'), { recursive: true })
      cpSync(join(root, file), join(copy, file))
    }
  })
  afterEach(() => rmSync(copy, { recursive: true }))

  function gen(...args: string[]): { code: number | null; text: string } {
    const { status, stderr } = spawnSync(process.execPath, ['src/gen/main.ts', ...args], {
      cwd: copy,
      encoding: 'utf8',
    })
    return { code: status, text: stderr }
  }
  const read = (file: string) => readFileSync(join(copy, file), 'utf8')

  it('finds the committed files fresh', () => {
    expect(gen('--check')).toEqual({ code: 0, text: '' })
  })

  it('--check names each stale or missing file and the command, and writes nothing', () => {
    gen()
    writeFileSync(join(copy, 'deploy/aws/policy.json'), '{}\n')
    rmSync(join(copy, 'playbooks/schema.json'))
    const { code, text } = gen('--check')
    expect(code).toBe(1)
    expect(text.trim().split('\n')).toEqual([
      'playbooks/schema.json is stale: run `npm run gen`',
      'deploy/aws/policy.json is stale: run `npm run gen`',
    ])
    expect(read('deploy/aws/policy.json')).toBe('{}\n')
    expect(gen()).toEqual({ code: 0, text: '' })
    expect(gen('--check')).toEqual({ code: 0, text: '' })
  })

  it('a new right of an action reaches the role and the policy', () => {
    const file = join(copy, 'src/actions/aws/lookup-events.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace("'cloudtrail:LookupEvents'", "'cloudtrail:LookupEvents', 'iam:GetRole'"))
    expect(gen('--check').text).toContain('deploy/aws/policy.json is stale')
    gen()
    expect(read('deploy/aws/policy.json')).toContain('"iam:GetRole"')
  })

  it('writes the registry even when an action does not compile', () => {
    writeFileSync(join(copy, 'src/actions/aws/break-things.ts'), 'export const breakThings = {\n')
    const { code, text } = gen()
    expect(code).toBe(1)
    expect(text).toContain('only the registry could be made')
    expect(read('src/actions/index.ts')).toContain("'aws.break-things': awsBreakThings,")
    expect(read('src/actions/README.md')).not.toContain('break-things')
  })
})
