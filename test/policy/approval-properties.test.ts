import { expect, it } from 'vitest'
import { generateKeyPairSync } from 'node:crypto'
import type { Account, Person, Standing } from '../../src/core/person.ts'
import type { Gate } from '../../src/core/plan.ts'
import type { ApprovalState } from '../../src/core/run.ts'
import { parseSshKey } from '../../src/core/ssh-key.ts'
import { judgeApproval } from '../../src/policy/approval.ts'
import { type GateContext, gateStatus, requestStatus } from '../../src/policy/gates.ts'
import { at, authority, click, requestFor, runWith, start } from './people.ts'
import { chance, type Chance } from './rules.ts'

// Random people, accounts, gates and approvals, against a matching that tries everything.

const roles = ['approver', 'lead', 'security']
const WITHIN = 60_000

function field(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes])
}

function sshLine(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x ?? '', 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

const ids = ['ann', 'bob', 'cleo', 'dan', 'eve']
const keys = new Map(ids.map((id) => [id, sshLine()]))

type Attempt = {
  readonly who: string
  readonly account: Account
  readonly digest: string
  readonly ms: number
}

type World = {
  readonly people: readonly Person[]
  /** What Slack says of each now. */
  readonly standings: ReadonlyMap<string, Standing | undefined>
  readonly requester: Attempt
  readonly request: ApprovalState
  readonly now: number
}

function accountOf(of: Chance, who: string, standing: Standing = 'member'): Account {
  return of.next() < 0.8
    ? click(`U${who.toUpperCase()}`, standing)
    : { via: 'ssh', fingerprint: parseSshKey(keys.get(who) ?? '')?.fingerprint ?? '' }
}

function randomAttempt(of: Chance): Attempt {
  const who = of.pick(ids)
  const standing = of.next() < 0.9 ? 'member' : of.pick(['guest', 'deactivated', 'unknown'] as const)
  const digest = of.next() < 0.9 ? 'sha256:plan' : 'sha256:other'
  return { who, account: accountOf(of, who, standing), digest, ms: Math.floor(of.next() * WITHIN * 1.1) }
}

function randomGate(of: Chance): Gate {
  const rule = of.maybe(() => of.pick(['approvals/risky', 'window/night']))
  return {
    scope: of.pick(['disable', 'disable', 'run']),
    from: of.pick(roles),
    count: of.pick([1, 1, 2]),
    withinMs: of.pick([WITHIN / 2, WITHIN]),
    ...(rule === undefined ? {} : { rule }),
  }
}

function randomWorld(of: Chance): World {
  const people = ids.map((id): Person => {
    const mine = of.next() < 0.85 ? of.some(roles) : []
    return { id, name: id, roles: mine, slack: `U${id.toUpperCase()}`, sshKeys: [keys.get(id) ?? ''] }
  })
  const seen = ['member', 'member', 'member', 'unknown', 'guest', 'deactivated'] as const
  const gates = new Map(
    Array.from({ length: 1 + Math.floor(of.next() * 3) }, () => {
      const gate = randomGate(of)
      return [JSON.stringify(gate), gate]
    }),
  )
  const given = Array.from({ length: Math.floor(of.next() * 12) }, () => randomAttempt(of)).map(
    ({ who: person, account, digest, ms }) => ({
      request: 'r1',
      digest,
      person,
      account,
      evidence: { kind: 'slack', team: 'T1', user: 'U' } as const,
      at: at(ms),
    }),
  )
  // Nobody approves twice: the second time is refused, and is no fact.
  const once = [...new Map(given.map((one) => [one.person, one])).values()]
  return {
    people,
    standings: new Map(ids.map((id) => [id, of.next() < 0.15 ? undefined : of.pick(seen)])),
    requester: { ...randomAttempt(of), digest: '' },
    request: { ...requestFor([...gates.values()]), given: once },
    now: start + Math.floor(of.next() * WITHIN),
  }
}

function contextOf({ people, standings, requester, now }: World): GateContext {
  return {
    authority: { ...authority, people },
    about: () => [],
    now,
    requester: { kind: 'account', account: requester.account },
    standing: (id) => standings.get(id),
  }
}

/** Said a second time: whether this person's word counts for the gate. */
function counts(
  { people, standings, requester }: World,
  given: ApprovalState['given'][number],
  gate: Gate,
): boolean {
  const { person, account, digest } = given
  return (
    digest === 'sha256:plan' &&
    person !== requester.who &&
    isThere(account, standings.get(person)) &&
    Date.parse(given.at) < start + gate.withinMs &&
    people.some(({ id, roles: has }) => id === person && has.includes(gate.from))
  )
}

/** Was a full member then, and is not known to be anything less now. */
function isThere(account: Account, now: Standing | undefined): boolean {
  const slack = account.via === 'slack' ? account.standing : undefined
  if (now === 'guest' || now === 'deactivated') return false
  return (slack ?? 'member') === 'member' && !(now === 'unknown' && slack !== undefined)
}

/** Tries every way of giving each seat a person of its own. */
function most(
  seats: readonly Gate[],
  persons: readonly string[],
  fits: (id: string, gate: Gate) => boolean,
): number {
  const [seat, ...rest] = seats
  if (seat === undefined) return 0
  const taken = persons
    .filter((id) => fits(id, seat))
    .map(
      (id) =>
        1 +
        most(
          rest,
          persons.filter((other) => other !== id),
          fits,
        ),
    )
  return Math.max(most(rest, persons, fits), ...taken)
}

/** Each group of gates that asks together, as single seats. */
function companies({ gates }: ApprovalState): (readonly Gate[])[] {
  const groups = Map.groupBy(gates, ({ scope, rule }) => `${scope} ${rule}`)
  return [...groups.values()].map((group) =>
    group.flatMap((gate) => Array.from({ length: gate.count }, () => gate)),
  )
}

function filled(world: World, seats: readonly Gate[]): number {
  const { given } = world.request
  return most(
    seats,
    given.map(({ person }) => person),
    (id, gate) => given.some((one) => one.person === id && counts(world, one, gate)),
  )
}

function trials(count: number, check: (world: World, of: Chance) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    const of = chance(seed)
    check(randomWorld(of), of)
  }
}

it('a request is satisfied exactly when every seat can have a person of its own', () => {
  const seen = { yes: 0, no: 0 }
  trials(1500, (world) => {
    const { request } = world
    const expected = companies(request).every((seats) => filled(world, seats) === seats.length)
    const context = contextOf(world)
    expect(requestStatus(request, context).satisfied).toBe(expected)
    expect(request.gates.every((gate) => gateStatus(request, gate, context).satisfied)).toBe(expected)
    seen[expected ? 'yes' : 'no'] += 1
  })
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(100)
})

it('as many seats are said to be missing as are', () => {
  trials(1000, (world) => {
    const { request } = world
    const { missing } = requestStatus(request, contextOf(world))
    const total = missing.reduce((sum, words) => sum + Number(words.split(' ')[0]), 0)
    const expected = companies(request).reduce((sum, seats) => sum + seats.length - filled(world, seats), 0)
    expect(total).toBe(expected)
  })
})

it('fewer approvals never satisfy, and their order never matters', () => {
  trials(600, (world, of) => {
    const { request } = world
    const context = contextOf(world)
    const { satisfied } = requestStatus(request, context)
    const less = { ...request, given: request.given.filter(() => of.next() < 0.7) }
    if (!satisfied) expect(requestStatus(less, context).satisfied).toBe(false)
    const shuffled = { ...request, given: of.shuffle(request.given), gates: of.shuffle(request.gates) }
    expect(requestStatus(shuffled, context).satisfied).toBe(satisfied)
  })
})

it('who is said to be able to help would help, and nobody else', () => {
  trials(800, (world) => {
    const { request, people, requester, standings } = world
    const eligible = requestStatus(request, contextOf(world)).eligible.map(({ id }) => id)
    const expected = people.filter(({ id }) => {
      if (request.given.some(({ person }) => person === id) || id === requester.who) return false
      const account = { via: 'ssh', fingerprint: '' } as const
      const evidence = { kind: 'slack', team: 'T1', user: 'U' } as const
      const word = { request: 'r1', digest: request.digest, person: id, account, evidence, at: at(0) }
      const more = { ...world, request: { ...request, given: [...request.given, word] } }
      return companies(request).some((seats) => filled(more, seats) > filled(world, seats))
    })
    expect(eligible, JSON.stringify([...standings])).toEqual(expected.map(({ id }) => id))
  })
})

it('an approval counts when its person is known, full, able, in time, new, and has seen this plan', () => {
  let counted = 0
  trials(2500, (world, of) => {
    const { people, requester, now } = world
    const request = { ...world.request, given: world.request.given.slice(0, 2) }
    const { who, account, digest } = randomAttempt(of)
    const run = runWith(request, requester.account)
    const judged = judgeApproval({
      run,
      request,
      digest,
      account,
      now,
      authority: { ...authority, people },
      about: () => [],
    })
    const person = people.find(({ id }) => id === who)
    const expected =
      digest === request.digest &&
      (account.via !== 'slack' || account.standing === 'member') &&
      who !== requester.who &&
      request.given.every((given) => given.person !== who) &&
      request.gates.some(({ from }) => person?.roles.includes(from))
    expect(judged.kind).toBe(expected ? 'counted' : 'refused')
    if (expected) counted += 1
  })
  expect(counted).toBeGreaterThan(500)
})
