import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Account, Person, Standing } from '../../src/core/person.ts'
import type { Gate } from '../../src/core/plan.ts'
import type { ApprovalState, RunState } from '../../src/core/run.ts'
import { parseSshKey } from '../../src/core/ssh-key.ts'
import { judgeApproval, judgeRejection } from '../../src/policy/approval.ts'
import { gateStatus, requestStatus } from '../../src/policy/gates.ts'
import { at, authority, click, gate, people as cast, requestFor, runWith, start } from './people.ts'

function field(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes])
}

/** A fresh public key as a line of authorized_keys. */
function sshLine(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x ?? '', 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

const lines: { [person: string]: string } = { rita: sshLine(), ann: sshLine(), gus: sshLine() }
const people = cast.map((person): Person => {
  const line = lines[person.id]
  return line === undefined ? person : { ...person, sshKeys: [line] }
})
const known = { ...authority, people }

function signature(person: string): Account {
  return { via: 'ssh', fingerprint: parseSshKey(lines[person] ?? '')?.fingerprint ?? '' }
}

const about = () => []
const two = gate('disable', 'approver', 2)

function judge(run: RunState, account: Account, change: { digest?: string; now?: number } = {}) {
  const [request] = run.approvals
  if (request === undefined) throw new Error('no request')
  const judgement = {
    run,
    request,
    account,
    digest: request.digest,
    now: start,
    authority: known,
    about,
    ...change,
  }
  return { approve: judgeApproval(judgement), reject: judgeRejection(judgement) }
}

function verdict(judged: ReturnType<typeof judgeApproval>): string {
  return judged.kind === 'refused' ? judged.code : judged.person.id
}

/** What the app does with an answer: a counted one becomes a fact. */
function answer(run: RunState, account: Account, now = start): RunState {
  const [request] = run.approvals
  const { approve } = judge(run, account, { now })
  if (request === undefined || approve.kind === 'refused') return run
  const evidence = { kind: 'slack', team: 'T1', user: 'U' } as const
  const facts = { request: 'r1', digest: request.digest, person: approve.person.id, account, evidence }
  const given = [...request.given, { ...facts, at: new Date(now).toISOString() }]
  return { ...run, approvals: [{ ...request, given }] }
}

type Change = { people?: Person[]; standing?: Record<string, Standing> }

function status(run: RunState, which: Gate, change: Change = {}) {
  const [request] = run.approvals
  if (request === undefined) throw new Error('no request')
  return gateStatus(request, which, contextOf(run, change))
}

function contextOf(run: RunState, change: Change = {}) {
  return {
    authority: { ...known, people: change.people ?? people },
    about,
    now: start,
    requester: run.requester,
    standing: (person: string) => change.standing?.[person],
  }
}

/** The same answers to a request that asks for these. */
function asking(run: RunState, gates: readonly Gate[]): RunState {
  return { ...run, approvals: run.approvals.map((approval) => ({ ...approval, gates: [...gates] })) }
}

/** Who could still help. */
function helpers(run: RunState): string[] {
  const [request] = run.approvals
  if (request === undefined) throw new Error('no request')
  return requestStatus(request, contextOf(run)).eligible.map(({ id }) => id)
}

describe('an approval', () => {
  const run = runWith(requestFor([two]), click('URITA'), 'rita')

  it.each<[string, Account, string]>([
    ['an approver by click', click('UANN'), 'ann'],
    ['an approver by signature', signature('ann'), 'ann'],
    ['the requester by the account that asked', click('URITA'), 'approval.own-request'],
    ['the requester by another account', signature('rita'), 'approval.own-request'],
    ['a guest', click('UGUS', 'guest'), 'authority.bad-standing'],
    ['an external person', click('UBOB', 'external'), 'authority.bad-standing'],
    ['an account that Slack cannot vouch for', click('UBOB', 'unknown'), 'authority.standing-unknown'],
    ['a stranger', click('UNOBODY'), 'authority.unknown-account'],
    ['the local shell', { via: 'os', user: 'ann@host' }, 'authority.unknown-account'],
    ['a person without the role', click('UOLI'), 'approval.missing-role'],
  ])('by %s: %s', (_who, account, expected) => {
    expect(verdict(judge(run, account).approve)).toBe(expected)
  })

  it('by one person with two accounts counts once', () => {
    const once = answer(run, click('UANN'))
    expect(verdict(judge(once, signature('ann')).approve)).toBe('approval.twice')
  })

  it('about another plan, or too late, is refused', () => {
    expect(verdict(judge(run, click('UANN'), { digest: 'sha256:other' }).approve)).toBe('approval.other-plan')
    expect(verdict(judge(run, click('UANN'), { now: start + 60_000 }).approve)).toBe('approval.expired')
    expect(verdict(judge(run, click('UANN'), { now: start + 59_999 }).approve)).toBe('ann')
  })

  it.each(['satisfied', 'voided', 'rejected', 'expired'] as const)(
    'of a request that is %s is refused',
    (over) => {
      const closed = runWith({ ...requestFor([two]), status: over })
      expect(verdict(judge(closed, click('UANN')).approve)).toBe('approval.not-open')
    },
  )

  it('of a run that is over, or a request of another run, is refused', () => {
    expect(verdict(judge({ ...run, status: 'cancelled' }, click('UANN')).approve)).toBe('approval.not-open')
    const other: ApprovalState = { ...requestFor([two]), request: 'r2' }
    const judgement = {
      run,
      request: other,
      account: click('UANN'),
      digest: other.digest,
      now: start,
      authority: known,
      about,
    }
    expect(verdict(judgeApproval(judgement))).toBe('approval.not-open')
  })

  it('is not made by a requester whose account was bound to a person only later', () => {
    const unbound = runWith(requestFor([two]), click('URITA'))
    expect(verdict(judge(unbound, signature('rita')).approve)).toBe('approval.own-request')
  })
})

describe('a rejection', () => {
  const run = runWith(requestFor([two]), click('URITA'), 'rita')

  it.each<[string, Account, string]>([
    ['an approver', click('UANN'), 'ann'],
    ['the requester', click('URITA'), 'rita'],
    ['a guest', click('UGUS', 'guest'), 'authority.bad-standing'],
    ['a person without the role', click('UOLI'), 'approval.missing-role'],
    ['a stranger', click('UNOBODY'), 'authority.unknown-account'],
  ])('by %s: %s', (_who, account, expected) => {
    expect(verdict(judge(run, account).reject)).toBe(expected)
  })

  it('needs no fresher word of a Slack group than what is remembered; an approval does', () => {
    const request = requestFor([gate('disable', 'lead', 1)])
    const dark = {
      ...known,
      remembered: ({ id }: Person) => (id === 'oli' ? ['lead'] : []),
      doubt: (role: string) => (role === 'lead' ? 'Slack is down' : undefined),
    }
    const judgement = {
      run: runWith(request),
      request,
      account: click('UOLI'),
      digest: request.digest,
      now: start,
      authority: dark,
      about,
    }
    expect(verdict(judgeRejection(judgement))).toBe('oli')
    expect(verdict(judgeApproval(judgement))).toBe('authority.group-unknown')
  })
})

describe('a gate', () => {
  const run = runWith(requestFor([two]), click('URITA'), 'rita')
  const one = answer(run, click('UANN'))
  const both = answer(one, click('UBOB'))

  it('says in words what is missing and who can still help', () => {
    expect(status(run, two)).toMatchObject({ satisfied: false, missing: '2 of 2 approvers for disable' })
    expect(helpers(run)).toEqual(['ann', 'bob', 'gus'])
    expect(status(one, two)).toMatchObject({ satisfied: false, missing: '1 of 2 approvers for disable' })
    expect(helpers(one)).toEqual(['bob', 'gus'])
    expect(status(both, two)).toEqual({ satisfied: true, expired: false, missing: '' })
    expect(helpers(both)).toEqual([])
  })

  it.each<[string, { people?: Person[]; standing?: Record<string, Standing> }]>([
    ['the role was taken away', { people: people.map((p) => (p.id === 'bob' ? { ...p, roles: [] } : p)) }],
    ['the person left', { people: people.filter((p) => p.id !== 'bob') }],
    [
      'the account is no longer theirs',
      { people: people.map((p) => (p.id === 'bob' ? { ...p, slack: 'UNEW' } : p)) },
    ],
    ['the account was deactivated', { standing: { bob: 'deactivated' } }],
    ['the account became a guest', { standing: { bob: 'guest' } }],
    ['Slack cannot be asked', { standing: { bob: 'unknown' } }],
  ])('counts who is eligible now, not who was: %s', (_why, change) => {
    expect(status(both, two, change).satisfied).toBe(false)
    expect(status(both, two, { standing: { bob: 'member', ann: 'member' } }).satisfied).toBe(true)
  })

  it('counts a signature while Slack is down, but not that of somebody who was deactivated', () => {
    const signed = answer(answer(run, signature('ann')), signature('gus'))
    expect(status(signed, two, { standing: { ann: 'unknown', gus: 'unknown' } }).satisfied).toBe(true)
    expect(status(signed, two, { standing: { gus: 'deactivated' } }).satisfied).toBe(false)
  })

  it('of a voided, rejected or expired request is never satisfied', () => {
    for (const over of ['voided', 'rejected', 'expired'] as const) {
      const [request] = both.approvals
      expect(status({ ...both, approvals: [{ ...request!, status: over }] }, two).satisfied).toBe(false)
    }
  })

  it('does not count a fact that a forger slipped in: late, about another plan, by the requester, by a bad account', () => {
    const [request] = one.approvals
    const [good] = request!.given
    const forged = [
      { ...good!, person: 'bob', account: click('UBOB'), at: at(60_000) },
      { ...good!, person: 'bob', account: click('UBOB'), digest: 'sha256:other' },
      { ...good!, person: 'bob', account: click('UANN') },
      { ...good!, person: 'bob', account: click('UBOB', 'guest') },
      { ...good!, person: 'rita', account: click('URITA') },
    ]
    const run = { ...one, approvals: [{ ...request!, given: [good!, ...forged] }] }
    expect(status(run, two).missing).toBe('1 of 2 approvers for disable')
  })

  it('is one of several: a request waits for all, and names who can still answer', () => {
    const whole = gate('run', 'responder', 1)
    const many = answer(
      runWith(requestFor([whole, two]), { via: 'alert', source: 'alertmanager' }),
      click('UANN'),
    )
    const [request] = many.approvals
    const context = {
      authority: known,
      about,
      now: start,
      requester: many.requester,
      standing: () => undefined,
    }
    expect(requestStatus(request!, context)).toMatchObject({
      satisfied: false,
      missing: ['1 of 1 responder for the whole run', '1 of 2 approvers for disable'],
    })
    expect(requestStatus(request!, context).eligible.map(({ id }) => id)).toEqual(['rita', 'bob', 'gus'])
  })
})

describe('every interleaving of answers by a small cast', () => {
  // Who each account belongs to, and whether it may count for a run that Rita asked for.
  const moves: [Account, string | undefined][] = [
    [click('URITA'), undefined],
    [signature('rita'), undefined],
    [click('UANN'), 'ann'],
    [signature('ann'), 'ann'],
    [click('UBOB'), 'bob'],
    [click('UGUS', 'guest'), undefined],
    [click('UOLI'), undefined],
    [click('UNOBODY'), undefined],
  ]

  it('satisfies a gate for n exactly when n distinct eligible persons have answered', () => {
    let seen = 0
    const walk = (run: RunState, persons: ReadonlySet<string>, depth: number) => {
      for (const count of [1, 2, 3]) {
        seen += 1
        const which = gate('disable', 'approver', count)
        if (status(asking(run, [which]), which).satisfied !== persons.size >= count) {
          throw new Error(`${[...persons].join()} of ${count} at depth ${depth}`)
        }
      }
      if (depth === 0) return
      for (const [account, person] of moves) {
        walk(answer(run, account), person === undefined ? persons : new Set([...persons, person]), depth - 1)
      }
    }
    walk(runWith(requestFor([two]), click('URITA'), 'rita'), new Set(), 4)
    expect(seen).toBe(3 * (1 + 8 + 64 + 512 + 4096))
  })
})

describe('several groups', () => {
  const approver = gate('disable', 'approver', 1)
  const responder = gate('disable', 'responder', 1)
  const both: Person[] = people.map((person) =>
    person.id === 'ann' ? { ...person, roles: ['approver', 'responder'] } : person,
  )
  const run = runWith(requestFor([approver, responder]), click('UZOE'), 'zoe')
  const sayYes = (...users: string[]) => users.reduce((state, user) => answer(state, click(user)), run)
  const missing = (state: RunState) =>
    [approver, responder].map((which) => status(state, which, { people: both }).missing)

  it('that one rule asks are met by different persons: whoever is in both counts for one', () => {
    expect(missing(sayYes('UANN'))).toEqual(['', '1 of 1 responder for disable'])
  })

  it('are met however the persons come: who was first moves to where only they fit', () => {
    expect(missing(sayYes('UANN', 'UBOB'))).toEqual(['', ''])
    expect(missing(sayYes('UBOB', 'UANN'))).toEqual(['', ''])
  })

  it('that different rules ask are met by one person who is in both', () => {
    const ruled = { ...responder, rule: 'approvals/risky' }
    const asked = asking(sayYes('UANN'), [approver, ruled])
    expect(status(asked, approver, { people: both }).satisfied).toBe(true)
    expect(status(asked, ruled, { people: both }).satisfied).toBe(true)
  })

  it('name the rule that asks in what is missing', () => {
    const ruled = { ...responder, rule: 'approvals/risky' }
    expect(status(asking(run, [ruled]), ruled).missing).toBe('1 of 1 responder for disable (approvals/risky)')
  })

  it('that were not asked are not met, whoever has answered', () => {
    const other = { ...approver, rule: 'window/night' }
    expect(status(sayYes('UANN', 'UBOB'), other).satisfied).toBe(false)
  })

  it('say who can still help: only whoever fills a seat that is free', () => {
    const asked = sayYes('UBOB')
    const [request] = asked.approvals
    if (request === undefined) throw new Error('no request')
    const { eligible } = requestStatus(request, contextOf(asked, { people: both }))
    expect(eligible.map(({ id }) => id)).toContain('ann')
    expect(eligible.map(({ id }) => id)).not.toContain('gus')
  })
})
