import { describe, expect, it } from 'vitest'
import { createMemberships } from '../../src/bot/memberships.ts'
import type { Directory, Members } from '../../src/core/ports.ts'

const ann = { id: 'ann', name: 'Ann', roles: [], slack: 'U0ANN', sshKeys: [] }
const unbound = { id: 'oli', name: 'Oli', roles: [], sshKeys: [] }
const groups = { approver: ['S0ONE', 'S0TWO'], responder: ['S0TWO'] }
const nobody: Members = { members: [] }
const down: Members = { unknown: 'ratelimited' }

/** A Slack whose groups and whose clock a test sets. */
function slackWith(answers: { [group: string]: Members }) {
  const asked: string[] = []
  const state = { now: 0, answers, here: true }
  const directory: Directory = {
    standing: async () => 'member',
    members: async (group) => {
      asked.push(group)
      return state.answers[group] ?? nobody
    },
  }
  const memberships = createMemberships({
    directory: () => (state.here ? directory : undefined),
    groups,
    clock: { now: () => state.now },
  })
  return { state, asked, memberships }
}

describe('who is in the Slack groups of the roles', () => {
  it('is nobody before Slack was asked, and a doubt', () => {
    const { memberships } = slackWith({})
    expect(memberships.rolesOf(ann)).toEqual({ certain: [], stale: [] })
    expect(memberships.doubt('approver')).toMatch(/S0ONE of approver/)
    expect(memberships.doubt('lead')).toBeUndefined()
    expect(memberships.doubt('constructor')).toBeUndefined()
  })

  it('is who is in any of them, and nobody without a Slack account', async () => {
    const { memberships } = slackWith({ S0TWO: { members: ['U0ANN'] } })
    await memberships.refresh()
    expect(memberships.rolesOf(ann)).toEqual({ certain: ['approver', 'responder'], stale: [] })
    expect(memberships.rolesOf(unbound)).toEqual({ certain: [], stale: [] })
    expect(memberships.doubt('approver')).toBeUndefined()
  })

  it('is asked once a minute, however many ask at once', async () => {
    const { memberships, asked, state } = slackWith({})
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
    const { memberships, state } = slackWith({ S0ONE: { members: ['U0ANN'] } })
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
    const { memberships, asked, state } = slackWith({ S0ONE: down, S0TWO: down })
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
    const { memberships, state } = slackWith({ S0ONE: { members: ['U0ANN'] } })
    state.here = false
    await memberships.refresh()
    expect(memberships.doubt('approver')).toMatch(/not connected/)
    state.here = true
    await memberships.refresh()
    expect(memberships.rolesOf(ann).certain).toEqual(['approver'])
  })

  it('who has left the group has lost the role by the next question', async () => {
    const { memberships, state } = slackWith({ S0ONE: { members: ['U0ANN'] } })
    await memberships.refresh()
    state.answers = {}
    state.now = 60_001
    await memberships.refresh()
    expect(memberships.rolesOf(ann)).toEqual({ certain: [], stale: [] })
  })

  it('an answer that never comes right is a doubt, not an accident', async () => {
    const directory: Directory = {
      standing: async () => 'member',
      members: () => Promise.reject(new Error('boom')),
    }
    const memberships = createMemberships({ directory: () => directory, groups, clock: { now: () => 0 } })
    await memberships.refresh()
    expect(memberships.doubt('responder')).toMatch(/boom/)
  })
})
