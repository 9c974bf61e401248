import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'fb-bin-'))
afterAll(() => rmSync(root, { recursive: true }))

const printing = (what: string): string =>
  `export const main = async (argv) => { console.log('${what}', ...argv); return 1 }`

/** The script in a folder of its own, with these other files. */
function place(name: string, files: { readonly [path: string]: string }): string {
  const folder = join(root, name)
  mkdirSync(join(folder, 'bin'), { recursive: true })
  cpSync('bin/firebreak.mjs', join(folder, 'bin', 'firebreak.mjs'))
  for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return join(folder, 'bin', 'firebreak.mjs')
}

function start(script: string, node = process.execPath) {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'cache') }
  return spawnSync(node, [script, 'lint', 'x'], { encoding: 'utf8', env })
}

describe('the firebreak script', () => {
  test('in a checkout runs the TypeScript source, and exits with its code', () => {
    const source = `${printing('source')}\nexport type Typed = string`
    const { status, stdout } = start(
      place('checkout', { 'src/main.ts': source, 'dist/main.js': printing('dist') }),
    )
    expect(stdout).toBe('source lint x\n')
    expect(status).toBe(1)
  })

  test('in a package runs the JavaScript', () => {
    const { status, stdout } = start(place('node_modules/firebreak', { 'dist/main.js': printing('dist') }))
    expect(stdout).toBe('dist lint x\n')
    expect(status).toBe(1)
  })

  test('fills a compile cache', () => {
    start(place('cached', { 'dist/main.js': printing('dist') }))
    expect(existsSync(join(root, 'cache'))).toBe(true)
  })

  test('starts for a user without a home folder', () => {
    const script = place('homeless', { 'dist/main.js': printing('dist') })
    const env = { HOME: '/nonexistent', PATH: process.env['PATH'] }
    expect(spawnSync(process.execPath, [script], { encoding: 'utf8', env }).stdout).toBe('dist\n')
  })

  test('on an older Node says which one is needed, with exit code 2', () => {
    const script = place('old', { 'dist/main.js': printing('dist') })
    // The version is the only thing that tells one Node from another, so a preloaded module can play an old one.
    const old = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"24.14.1"})'
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', old, script], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('error usage.node-version: Firebreak needs Node 24.15 or newer; this is 24.14.1')
    expect(stderr).toContain('npm run -s firebreak')
  })
})
