import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** With the Node that runs the tests first in the path: the npm of the machine may stand beside an older one. */
function run(command: string, args: readonly string[], cwd: string): Ran {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    timeout: 120_000,
  })
  return { code: status, stdout, stderr }
}

describe('the package', () => {
  let folder: string
  let app: string
  let packed: readonly string[]
  let installed: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'firebreak-pack-'))
    const pack = run('npm', ['pack', '--json', '--pack-destination', folder], root)
    if (pack.code !== 0) throw new Error(pack.stderr + pack.stdout)
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
    packed = run('tar', ['--list', '--file', tarball], folder).stdout.trim().split('\n')
    app = join(folder, 'app')
    mkdirSync(app)
    writeFileSync(join(app, 'package.json'), '{ "private": true }\n')
    const install = [
      'install',
      join(folder, tarball),
      '--omit=dev',
      '--omit=optional',
      '--no-audit',
      '--prefer-offline',
    ]
    const { code, stderr } = run('npm', install, app)
    if (code !== 0) throw new Error(stderr)
    installed = join(app, 'node_modules/firebreak')
  }, 180_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const firebreak = (...args: string[]) => run('npx', ['--no-install', 'firebreak', ...args], app)

  it('lints the stock playbooks and finds nothing', () => {
    expect(firebreak('lint')).toMatchObject({ code: 0, stderr: '' })
  })

  it('refuses a broken playbook with the place of its fault', () => {
    const stock = readFileSync(join(root, 'playbooks/leaked-aws-key.yaml'), 'utf8')
    writeFileSync(join(app, 'broken.yaml'), stock.replace('steps.owner.userName', 'steps.owner.userNam'))
    const { code, stdout, stderr } = firebreak('lint', 'broken.yaml')
    expect(code).toBe(2)
    expect(stdout + stderr).toMatch(/broken\.yaml:\d+:\d+/)
  })

  it('lints its own sample configuration', () => {
    expect(firebreak('lint', join(installed, 'deploy/kubernetes/firebreak.yaml'))).toMatchObject({ code: 0 })
  })

  it('has JavaScript and types, the page, playbooks, manifests and the licence, and no source', () => {
    const has = (name: string) => packed.includes(`package/${name}`)
    for (const name of [
      'LICENSE',
      'bin/firebreak.mjs',
      'dist/main.js',
      'dist/main.d.ts',
      'dist/sandbox/slack/page/index.html',
      'dist/sandbox/slack/page/main.js',
      'playbooks/schema.json',
      'deploy/kubernetes/rbac.yaml',
    ]) {
      expect([name, has(name)]).toEqual([name, true])
    }
    expect(
      packed.filter((name) => /^package\/(src|test)\/|\.ts$/.test(name) && !name.endsWith('.d.ts')),
    ).toEqual([])
    expect(packed.filter((name) => name.startsWith('package/dist/gen/'))).toEqual([])
  })

  it('is imported by its name', () => {
    const script = "await import('firebreak')"
    expect(run(process.execPath, ['--input-type=module', '--eval', script], app)).toMatchObject({ code: 0 })
  })
})
