import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateLogKey } from '../../src/audit/key.ts'
import { createKeyFile, readKeyFile } from '../../src/audit/key-file.ts'
import { codeOf } from './code-of.ts'

const name = 'example.com/firebreak'
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-key-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('the file of the signing key', () => {
  it('is made for its owner only, and read again', () => {
    const key = generateLogKey(name)
    const path = join(dir, 'log.key')
    createKeyFile(path, key)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readKeyFile(path, name).text).toBe(key.text)
    expect(readdirSync(dir)).toEqual(['log.key'])
  })

  it('is never overwritten', () => {
    const path = join(dir, 'log.key')
    createKeyFile(path, generateLogKey(name))
    const before = readFileSync(path, 'utf8')
    expect(codeOf(() => createKeyFile(path, generateLogKey(name)))).toBe('audit.key-exists')
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(readdirSync(dir)).toEqual(['log.key'])
  })

  it.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666])('is refused with mode %o', (mode) => {
    const path = join(dir, 'log.key')
    createKeyFile(path, generateLogKey(name))
    chmodSync(path, mode)
    expect(codeOf(() => readKeyFile(path, name))).toBe('audit.key-file')
  })

  it('is accepted with mode 400', () => {
    const path = join(dir, 'log.key')
    createKeyFile(path, generateLogKey(name))
    chmodSync(path, 0o400)
    expect(readKeyFile(path, name).name).toBe(name)
  })

  it('is refused when it is missing, a folder, or holds no key', () => {
    expect(codeOf(() => readKeyFile(join(dir, 'none'), name))).toBe('audit.key-file')
    expect(codeOf(() => readKeyFile(dir, name))).toBe('audit.key-file')
    const path = join(dir, 'log.key')
    writeFileSync(path, 'hello', { mode: 0o600 })
    expect(codeOf(() => readKeyFile(path, name))).toBe('audit.bad-key')
  })
})
