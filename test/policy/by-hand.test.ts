import { expect, it } from 'vitest'
import type { Account } from '../../src/core/person.ts'
import type { StepState } from '../../src/core/run.ts'
import { judgeDone, peopleFor } from '../../src/policy/by-hand.ts'
import { at, click, people } from './people.ts'

const asked: StepState = {
  id: 'unplug',
  status: 'pending',
  asked: { who: 'approver', what: 'pull the plug', at: at(0) },
}
const said = { person: 'ann', account: click('UANN'), at: at(1) } as const
const evidence = { kind: 'slack', team: 'T1', user: 'UANN' } as const

function judge(account: Account, open: StepState | undefined = asked) {
  return judgeDone({ step: 'unplug', open, account, people })
}

it('everybody with the role is asked, and nobody else', () => {
  expect(peopleFor('approver', people).map(({ id }) => id)).toEqual(['rita', 'ann', 'bob', 'gus'])
  expect(peopleFor('nobody', people)).toEqual([])
})

it('who has the role may say that it is done, also who asked for the run', () => {
  for (const user of ['UANN', 'URITA']) expect(judge(click(user)).allow).toBe(true)
})

it('a word counts of nobody else, of no step that asks nobody, and not twice', () => {
  expect(judge(click('UNOBODY'))).toMatchObject({ code: 'authority.unknown-account' })
  expect(judge(click('UANN', 'guest'))).toMatchObject({ code: 'authority.bad-standing' })
  expect(judge(click('UOLI'))).toEqual({
    allow: false,
    code: 'step.missing-role',
    message: 'Oli has observer; unplug is done by a approver',
    remedy: 'Ask a person with that role.',
  })
  const bare = people.map((person) => ({ ...person, roles: person.id === 'ann' ? [] : ['x', 'y'] }))
  const without = (user: string) =>
    judgeDone({ step: 'unplug', open: asked, account: click(user), people: bare })
  expect(without('UANN')).toMatchObject({ message: 'Ann has no role; unplug is done by a approver' })
  expect(without('UBOB')).toMatchObject({ message: 'Bob has x, y; unplug is done by a approver' })
  const unasked = {
    allow: false,
    code: 'step.not-asked',
    message: 'nobody is asked about unplug now',
    remedy: 'Look at the run: it shows which steps wait for a person.',
  }
  expect(judgeDone({ step: 'unplug', open: undefined, account: click('UANN'), people })).toEqual(unasked)
  expect(judge(click('UANN'), { id: 'unplug', status: 'pending' })).toEqual(unasked)
  expect(judge(click('UBOB'), { ...asked, saidDone: { ...said, evidence } })).toEqual({
    allow: false,
    code: 'step.already-said',
    message: 'ann has said so, and it is being looked at',
    remedy: 'Wait a moment; if it is not done, the step asks again.',
  })
})
