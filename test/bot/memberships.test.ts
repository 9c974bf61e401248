import { describe, expect, it } from 'vitest'
import { createMemberships } from '../../src/bot/memberships.ts'
import type { Members } from '../../src/core/ports.ts'

const ann = { id: 'ann', name: 'Ann', roles: [], slack: 'U0ANN', sshKeys: [] }
const unbound = { id: 'oli', name: 'Oli', roles: [], sshKeys: [] }
const groups = { approver: ['S0ONE', 'S0TWO'], responder: ['S0TWO'] }
const nobody: Members = { members: [] }
const down: Members = { unknown: 'ratelimited' }

/** Systems whose groups and whose clock a test sets. */
function systemsWith(answers: { [group: string]: Members }, of: { [role: string]: string[] } = groups) {
  const asked: string[] = []
  const state = { now: 0, answers, here: true }
  const answer = async (id: string) => {
    asked.push(id)
    return state.answers[id] ?? nobody
  }
  const memberships = createMemberships({
    ask: (_, id) => (state.here ? answer(id) : undefined),
    groups: of,
    clock: { now: () => state.now },
  })
  return { state, asked, memberships }
}

describe('who is in the Slack groups of the roles', () => {
  it('is nobody before Slack was asked, and a doubt', () => {
    const { memberships } = systemsWith({})
    expect(memberships.rolesOf(ann)).toEqual({ certain: [], stale: [] })
    expect(memberships.doubt('approver')).toMatch(/S0ONE of approver/)
    expect(memberships.doubt('lead')).toBeUndefined()
    expect(memberships.doubt('constructor')).toBeUndefined()
  })

  it('is who is in any of them, and nobody without a Slack account', async () => {
    const { memberships } = systemsWith({ S0TWO: { members: ['U0ANN'] } })
    await memberships.refresh()
    expect(memberships.rolesOf(ann)).toEqual({ certain: ['approver', 'responder'], stale: [] })
    expect(memberships.rolesOf(unbound)).toEqual({ certain: [], stale: [] })
    expect(memberships.doubt('approver')).toBeUndefined()
  })

  it('is asked once a minute, however many ask at once', async () => {
    const { memberships, asked, state } = systemsWith({})
    await Promise.all([memberships.refresh(), memberships.refresh()])
    expect(asked.toSorted()).toEqual(['S0ONE', 'S0TWO'])
    state.now = 60_000
    await memberships.refresh()
    expect(asked).toHaveLength(2)
    state.now = 60_001
    await memberships.refresh()
    expect(asked).toHaveLength(4)
  })

  it('is certain for a minute, remembered for ten, and then forgotten', async () => {
    const { memberships, state } = systemsWith({ S0ONE: { members: ['U0ANN'] } })
    await memberships.refresh()
    state.answers = { S0ONE: down, S0TWO: down }
    const at = async (ms: number) => {
      state.now = ms
      await memberships.refresh()
      return memberships.rolesOf(ann)
    }
    expect(await at(60_000)).toEqual({ certain: ['approver'], stale: [] })
    expect(await at(60_001)).toEqual({ certain: [], stale: ['approver'] })
    expect(memberships.doubt('approver')).toMatch(/ratelimited/)
    expect(await at(600_000)).toEqual({ certain: [], stale: ['approver'] })
    expect(await at(600_001)).toEqual({ certain: [], stale: [] })
  })

  it('a Slack that is down is not asked again for five seconds, and then is', async () => {
    const { memberships, asked, state } = systemsWith({ S0ONE: down, S0TWO: down })
    await memberships.refresh()
    state.now = 4999
    await memberships.refresh()
    expect(asked).toHaveLength(2)
    state.now = 5000
    state.answers = { S0ONE: { members: ['U0ANN'] } }
    await memberships.refresh()
    expect(memberships.rolesOf(ann).certain).toEqual(['approver'])
    expect(memberships.doubt('approver')).toBeUndefined()
  })

  it('a Slack that has just been connected is asked at once', async () => {
    const { memberships, state } = systemsWith({ S0ONE: { members: ['U0ANN'] } })
    state.here = false
    await memberships.refresh()
    expect(memberships.doubt('approver')).toMatch(/not connected/)
    state.here = true
    await memberships.refresh()
    expect(memberships.rolesOf(ann).certain).toEqual(['approver'])
  })

  it('who has left the group has lost the role by the next question', async () => {
    const { memberships, state } = systemsWith({ S0ONE: { members: ['U0ANN'] } })
    await memberships.refresh()
    state.answers = {}
    state.now = 60_001
    await memberships.refresh()
    expect(memberships.rolesOf(ann)).toEqual({ certain: [], stale: [] })
  })

  it('an answer that never comes right is a doubt, not an accident', async () => {
    const memberships = createMemberships({
      ask: () => Promise.reject(new Error('boom')),
      groups,
      clock: { now: () => 0 },
    })
    await memberships.refresh()
    expect(memberships.doubt('responder')).toMatch(/boom/)
  })

  it('a clock that is put back makes nothing certain that was said after its time', async () => {
    const { memberships, state } = systemsWith({ S0ONE: { members: ['U0ANN'] } })
    state.now = 3_600_000
    await memberships.refresh()
    state.answers = { S0ONE: down, S0TWO: down }
    state.now = 0
    await memberships.refresh()
    expect(memberships.rolesOf(ann)).toEqual({ certain: [], stale: [] })
  })
})

describe('who is on call by the schedules of the roles', () => {
  const schedules = { oncall: ['pagerduty/PI7DH85', 'opsgenie/d875'] }
  const pat = { id: 'pat', name: 'Pat', roles: [], pagerduty: 'PXPGF42', sshKeys: [] }
  const olga = { id: 'olga', name: 'Olga', roles: [], opsgenie: 'olga@example.com', sshKeys: [] }
  const onCall = { PI7DH85: { members: ['PXPGF42'] }, d875: { members: ['olga@example.com'] } }

  it('is whoever has the id of that system, and of no other', async () => {
    const { memberships, asked } = systemsWith(onCall, schedules)
    await memberships.refresh()
    expect(asked).toEqual(['PI7DH85', 'd875'])
    expect(memberships.rolesOf(pat).certain).toEqual(['oncall'])
    expect(memberships.rolesOf(olga).certain).toEqual(['oncall'])
    const mallory = { ...ann, pagerduty: 'olga@example.com', opsgenie: 'PXPGF42', slack: 'PXPGF42' }
    expect(memberships.rolesOf(mallory)).toEqual({ certain: [], stale: [] })
  })

  it('is certain only until the shift ends, though the minute is not over; then it is asked again', async () => {
    const { memberships, state, asked } = systemsWith(
      { ...onCall, PI7DH85: { members: ['PXPGF42'], until: 10_000 } },
      schedules,
    )
    await memberships.refresh()
    state.now = 9999
    await memberships.refresh()
    expect(memberships.rolesOf(pat).certain).toEqual(['oncall'])
    expect(asked).toHaveLength(2)
    state.now = 10_000
    expect(memberships.rolesOf(pat)).toEqual({ certain: [], stale: ['oncall'] })
    expect(memberships.doubt('oncall')).toMatch(/PagerDuty .*PI7DH85 of oncall \(what it said is too old\)/)
    state.answers['PI7DH85'] = { members: ['PT23IWX'] }
    await memberships.refresh()
    expect(asked).toEqual(['PI7DH85', 'd875', 'PI7DH85'])
    expect(memberships.rolesOf(pat)).toEqual({ certain: [], stale: [] })
    expect(memberships.doubt('oncall')).toBeUndefined()
  })

  it('is a doubt in the words of the system that cannot be asked, also where the other one can', async () => {
    const { memberships } = systemsWith({ ...onCall, d875: { unknown: 'it answers 503' } }, schedules)
    await memberships.refresh()
    expect(memberships.rolesOf(pat).certain).toEqual(['oncall'])
    expect(memberships.doubt('oncall')).toBe(
      'Opsgenie cannot be asked who is on call in d875 of oncall (it answers 503)',
    )
  })

  it('is not asked again for as long as the system wants to be left alone, but after ten minutes', async () => {
    const { memberships, state, asked } = systemsWith(
      { PI7DH85: { unknown: 'fewer', retryAfterMs: 20_000 }, d875: { unknown: 'fewer', retryAfterMs: 1e9 } },
      schedules,
    )
    const askedAt = async (ms: number) => {
      state.now = ms
      await memberships.refresh()
      return asked.splice(0)
    }
    expect(await askedAt(0)).toEqual(['PI7DH85', 'd875'])
    expect(await askedAt(19_999)).toEqual([])
    expect(await askedAt(20_000)).toEqual(['PI7DH85'])
    expect(await askedAt(599_999)).toEqual(['PI7DH85'])
    expect(await askedAt(600_000)).toEqual(['d875'])
  })
})
