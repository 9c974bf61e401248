import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { policy } from '../../src/commands/policy.ts'
import { lintConfig, policyConfig } from '../../src/config/load.ts'
import { root } from './manifests.ts'

const folder = join(root, 'deploy/policy')
const text = read('firebreak.yaml')

it('the sample of rules has no fault and no warning', () => {
  expect(lintConfig(text, 'firebreak.yaml')).toEqual([])
})

it('its table is as expected, and tries every rule', async () => {
  const results = await policy.test(['policy-tests.yaml'], { cwd: folder })
  expect(results.filter(({ passed }) => !passed)).toEqual([])
  const tried = new Set(results.map(({ found }) => found.rule))
  const { rules } = policyConfig(text, 'firebreak.yaml')
  expect(rules.length).toBeGreaterThan(0)
  for (const { name } of rules) expect(tried).toContain(name)
})

it('what the README shows is what it says: its rules load without a warning, and its table is as expected', async () => {
  const section = /\n## Who may do what\n([\s\S]*?)\n## /.exec(read('../../README.md'))?.[1] ?? ''
  const [rules = '', table = ''] = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, block = '']) => block,
  )
  expect(lintConfig(rules, 'firebreak.yaml')).toEqual([])
  const cwd = mkdtempSync(join(tmpdir(), 'firebreak-readme-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'firebreak.yaml'), rules)
  writeFileSync(join(cwd, 'policy-tests.yaml'), table)
  const results = await policy.test(['policy-tests.yaml'], { cwd })
  expect(results).toEqual([expect.objectContaining({ passed: true })])
})

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}
