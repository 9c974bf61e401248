import { expect, it } from 'vitest'
import { judge } from './mutants.ts'

const mutant = { file: 'src/policy/a.ts', line: 'if (a < b) return', from: 'a < b', to: 'a <= b' }
const survivor = { ...mutant, at: 7, status: 'Survived' }
const killed = Array.from({ length: 99 }, (_, i) => ({ ...mutant, to: `${i}`, at: i, status: 'Killed' }))
const entry = { ...mutant, reason: 'they are never the same' }

it('a mutant that nobody notices needs a reason, also where no test reaches it', () => {
  for (const status of ['Survived', 'NoCoverage']) {
    const { violations } = judge([...killed, { ...survivor, status }], [])
    expect(violations).toEqual(['no test notices src/policy/a.ts:7: a < b → a <= b'])
  }
  expect(judge([...killed, survivor], [entry])).toEqual({
    mutants: 100,
    noticed: 99,
    percent: 99,
    violations: [],
  })
})

it('a reason is for one mutant: another line, text or file has none', () => {
  for (const other of [
    { line: 'if (a < b) break' },
    { from: 'a < c' },
    { to: 'true' },
    { file: 'src/policy/b.ts' },
  ]) {
    const { violations } = judge([...killed, { ...survivor, ...other }], [entry])
    expect(violations.some((violation) => violation.startsWith('no test notices'))).toBe(true)
  }
})

it('a reason that is not needed any more is a fault, unless its file was not changed or the mutant only hung', () => {
  const fault = ['survivors.json names what a test notices, src/policy/a.ts: if (a < b) return → a <= b']
  expect(judge(killed, [entry]).violations).toEqual(fault)
  expect(judge([...killed, { ...survivor, status: 'Killed' }], [entry]).violations).toEqual(fault)
  expect(judge([...killed, { ...survivor, status: 'Timeout' }], [entry]).violations).toEqual([])
  expect(judge(killed, [{ ...entry, file: 'src/policy/b.ts' }]).violations).toEqual([])
})

it('more than one in twenty that nobody notices is too many, whatever the reasons; so is none at all', () => {
  const some = killed.slice(0, 18)
  const { violations, percent } = judge([...some, survivor], [entry])
  expect(percent).toBe(94.73)
  expect(violations).toEqual(['only 94.74% of the mutants were noticed'])
  expect(judge([...killed.slice(0, 19), survivor], [entry]).violations).toEqual([])
  expect(judge([], []).violations).toEqual(['only 0.00% of the mutants were noticed'])
})
