import { expect, test } from 'vitest'
import { readCommand } from '../../../src/surfaces/slack/command-line.ts'
import { nearest } from '../../../src/surfaces/slack/suggest.ts'

test('every word of the command is read with its arguments', () => {
  expect(readCommand('')).toEqual({ word: 'menu' })
  expect(readCommand('run')).toEqual({ word: 'menu' })
  expect(readCommand('help')).toEqual({ word: 'help' })
  expect(readCommand('playbooks')).toEqual({ word: 'playbooks' })
  expect(readCommand('status')).toEqual({ word: 'status' })
  expect(readCommand('status r-1')).toEqual({ word: 'status', run: 'r-1' })
  expect(readCommand('approve r-1')).toEqual({ word: 'approve', run: 'r-1' })
  expect(readCommand('REJECT r-1 too risky now')).toEqual({
    word: 'reject',
    run: 'r-1',
    reason: 'too risky now',
  })
  expect(readCommand("cancel r-1 it's over")).toEqual({ word: 'cancel', run: 'r-1', reason: "it's over" })
  expect(readCommand('undo r-1')).toEqual({ word: 'undo', run: 'r-1' })
  expect(readCommand('freeze deploy in progress')).toEqual({ word: 'freeze', reason: 'deploy in progress' })
  expect(readCommand('thaw')).toEqual({ word: 'thaw' })
})

test('inputs keep quotes, equals signs, lists and escaped characters', () => {
  expect(readCommand('run p a=1 b="x y" c=\'\' d=k=v e=a,b f=“smart quotes” g=&lt;x&gt;&amp;')).toEqual({
    word: 'run',
    playbook: 'p',
    inputs: { a: '1', b: 'x y', c: '', d: 'k=v', e: 'a,b', f: 'smart quotes', g: '<x>&' },
  })
  expect(readCommand('  plan   p\n"a=b"  '.replace('"a=b"', 'note="two\nlines"'))).toEqual({
    word: 'plan',
    playbook: 'p',
    inputs: { note: 'two\nlines' },
  })
})

test('an input cannot reach the prototype of anything', () => {
  const read = readCommand('run p __proto__=x constructor=y')
  expect(read).toMatchObject({ word: 'run' })
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
})

test.each([
  ['runn p', 'run <playbook>'],
  ['aprove r', 'approve <run>'],
  ['stauts', 'status'],
  ['halp', 'help'],
])('the typo %j is answered with a suggestion', (text, suggestion) => {
  expect(readCommand(text)).toMatchObject({ word: 'misread', remedy: expect.stringContaining(suggestion) })
})

test.each([
  'run p "open',
  'run p a="open',
  'run p loose',
  'run a=b',
  'run p a=1 a=2',
  'run p =x',
  'approve',
  'cancel',
  'undo',
  '!!!',
  '= = =',
])('%j is refused with a remedy, not guessed at', (text) => {
  const read = readCommand(text)
  expect(read.word).toBe('misread')
  expect(read).toHaveProperty('remedy')
})

test('hostile lengths are read in no time', () => {
  const started = performance.now()
  readCommand(`run p ${'a'.repeat(20_000)}`)
  readCommand(`run p ${'a="'.repeat(6000)}`)
  readCommand('"'.repeat(20_000))
  expect(performance.now() - started).toBeLessThan(500)
})

test('a suggestion is near, or there is none', () => {
  const names = ['leaked-aws-key', 'bad-model-version', 'compromised-gpu-endpoint']
  expect(nearest('leaked-asw-key', names)).toBe('leaked-aws-key')
  expect(nearest('bad-model', names)).toBe('bad-model-version')
  expect(nearest('zebra', names)).toBeUndefined()
})
