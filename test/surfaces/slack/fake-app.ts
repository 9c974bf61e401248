import type { Decision, DecisionOutcome, Firebreak, RunView } from '../../../src/core/app.ts'
import type { Fact, FactData, FactType, NewFact } from '../../../src/core/fact.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Account, Actor, Person } from '../../../src/core/person.ts'
import { system } from '../../../src/core/person.ts'
import type { Plan, PlanLine } from '../../../src/core/plan.ts'
import type { PlaybookInfo } from '../../../src/core/playbook.ts'
import type { Freeze, OutboxNotice } from '../../../src/core/ports.ts'
import { fold } from '../../../src/core/run.ts'
import { FirebreakError } from '../../../src/core/errors.ts'

/** A small bot without engine or store: enough of the `Firebreak` interface for Slack to be tried on. */
export type FakeApp = Firebreak & {
  readonly calls: { readonly name: string; readonly detail: unknown }[]
  readonly emit: <T extends FactType>(about: About, type: T, data: FactData<T>) => void
  readonly ask: (
    run: string,
    options?: { count?: number; digest?: string; because?: string; rule?: string },
  ) => string
  readonly notices: OutboxNotice[]
  readonly memoMap: Map<string, string>
  plan: Plan
  /** Milliseconds that `start` takes before it answers. */
  slow: number
}

/** A run, or a step of it, who did it, and when if not now. */
type About = string | { run?: string; step?: string; actor?: Actor; time?: string }

const people: readonly Person[] = [
  { id: 'rosa', name: 'Rosa', roles: ['responder', 'approver'], slack: 'U0ROSA0001', sshKeys: [] },
  { id: 'amir', name: 'Amir', roles: ['approver'], slack: 'U0AMIR0002', sshKeys: [] },
  { id: 'chen', name: 'Chen', roles: ['approver'], slack: 'U0CHEN0003', sshKeys: [] },
  { id: 'gus', name: 'Gus', roles: ['approver'], slack: 'U0GUS00004', sshKeys: [] },
  { id: 'eve', name: 'Eve', roles: ['approver'], slack: 'U0EVE00005', sshKeys: [] },
]

const step = { needs: [], repeats: false } as const

export const playbook: PlaybookInfo = {
  name: 'leaked-aws-key',
  title: 'Contain a leaked AWS access key',
  severity: 'high',
  because: 'leak',
  covers: { atlas: [], owaspLlm: [] },
  inputs: {
    accessKeyId: { type: 'string', pattern: '^AKIA[A-Z0-9]{16}$', description: 'Id of the leaked key' },
    hours: { type: 'integer', minimum: 1, maximum: 90, default: 24, description: 'How far back to look' },
    urgency: { type: 'string', enum: ['now', 'soon'], default: 'now', description: 'How urgent' },
    notify: { type: 'boolean', default: false, description: 'Tell the owner' },
    secretIds: {
      type: 'array',
      items: { type: 'string', description: 'Id' },
      default: [],
      description: 'Secrets',
    },
  },
  steps: [
    { ...step, id: 'owner', action: 'aws.find-access-key', title: 'Find the owner', effect: 'read' },
    {
      ...step,
      id: 'disable',
      action: 'aws.deactivate-access-key',
      title: 'Deactivate an IAM access key',
      effect: 'reversible',
    },
  ],
  digest: `sha256:${'ab'.repeat(32)}`,
  file: 'leaked-aws-key.yaml',
}

export function changeLine(id: string, more: Partial<PlanLine> = {}): PlanLine {
  return {
    step: id,
    action: 'aws.deactivate-access-key',
    contract: 1,
    title: 'Deactivate an IAM access key',
    effect: 'reversible',
    instance: 'main',
    kind: 'change',
    onFailure: false,
    confidence: 'predicted',
    change: {
      target: { kind: 'access key', id: `arn:${id}`, name: 'AKIAIOSFODNN7EXAMPLE' },
      before: { status: 'Active' },
      after: { status: 'Inactive' },
      confidence: 'predicted',
      output: {},
    },
    undo: { kind: 'inverse', action: 'aws.activate-access-key', input: {} },
    summary: '',
    digest: `sha256:${'cd'.repeat(32)}`,
    ...more,
  }
}

const digest = `sha256:${'0123456789ab'.repeat(5)}0123`

function readLine(): PlanLine {
  const { change: _change, undo: _undo, ...line } = changeLine('owner')
  return { ...line, title: 'Find the owner', effect: 'read', kind: 'read', summary: 'reads who owns the key' }
}

const noAccount = () =>
  new FirebreakError('authority.unknown-account', 'the account is bound to no person', {
    remedy: 'Have it added under people.',
  })

function person(account: Account): Person | undefined {
  return account.via === 'slack' ? people.find(({ slack }) => slack === account.user) : undefined
}

/** Why a decision does not count, if it does not. */
function fault(
  decision: Decision,
  { state, waitingFor }: RunView,
): [code: string, message: string] | undefined {
  const by = person(decision.by)
  if (by === undefined) return ['authority.unknown-account', 'bound to no person']
  if (decision.by.via === 'slack' && decision.by.standing !== 'member') {
    return ['authority.bad-standing', `this account is ${decision.by.standing}`]
  }
  if (waitingFor?.request !== decision.request) return ['approval.not-open', 'this request is not open']
  if (waitingFor.digest !== decision.digest) return ['approval.other-plan', 'this is another plan']
  const own = state.requester.kind === 'account' && state.requester.person === by.id
  return own ? ['approval.own-request', 'nobody approves their own request'] : undefined
}

export function createFakeApp(memoMap = new Map<string, string>()): FakeApp {
  const facts: Fact[] = []
  const listeners = new Set<(facts: readonly Fact[]) => void>()
  const notices: OutboxNotice[] = []
  let frozen: Freeze | undefined
  const factsOf = (run: string) => facts.filter((fact) => fact.run === run)
  const runIds = () => [...new Set(facts.flatMap((fact) => (fact.run === undefined ? [] : [fact.run])))]
  const actor = (account: Account): Actor => {
    const bound = person(account)
    return { kind: 'account', account, ...(bound === undefined ? {} : { person: bound.id }) }
  }
  const authority = (account: Account): Person => {
    const bound = person(account)
    if (account.via === 'slack' && account.standing !== 'member') {
      throw new FirebreakError('authority.bad-standing', `this account is ${account.standing}`, {
        remedy: 'Ask a member.',
      })
    }
    if (bound === undefined) throw noAccount()
    return bound
  }
  const emit: FakeApp['emit'] = (about, type, data) => {
    const {
      run,
      step: at,
      actor: by = system,
      time = new Date().toISOString(),
    } = typeof about === 'string' ? { run: about } : about
    const base = { type, data, actor: by } as unknown as NewFact
    const fact = {
      ...base,
      ...(run === undefined ? {} : { run, n: factsOf(run).length }),
      ...(at === undefined ? {} : { step: at }),
      seq: facts.length,
      time,
    } as Fact
    facts.push(fact)
    for (const listener of listeners) listener([fact])
  }
  const view = (run: string): RunView => {
    const state = fold(factsOf(run))
    if (state === undefined) {
      throw new FirebreakError('run.unknown', `There is no run ${run}`, { remedy: 'Look at status.' })
    }
    const open = state.approvals.findLast((approval) => approval.voided === undefined)
    if (state.status !== 'awaiting-approval' || open === undefined) return { state, playbook }
    const given = new Set(open.given.map((approval) => approval.person))
    const count = open.gates[0]?.count ?? 1
    if (given.size >= count) return { state, playbook }
    const rule = open.gates[0]?.rule
    const because = rule === undefined ? '' : ` (${rule})`
    const asker = state.requester.kind === 'account' ? state.requester.person : undefined
    return {
      state,
      playbook,
      waitingFor: {
        request: open.request,
        digest: open.digest,
        expires: open.expires,
        missing: [`${count - given.size} of ${count} approvers for disable${because}`],
        eligible: people.filter(
          ({ id }) => id !== asker && !given.has(id) && ['amir', 'chen', 'rosa'].includes(id),
        ),
      },
    }
  }
  const refused = (decision: Decision, code: string, message: string): DecisionOutcome => {
    emit(decision.run, 'approval.refused', { request: decision.request, account: decision.by, why: code })
    return { kind: 'refused', code, message, remedy: 'Ask another person.' }
  }
  const app: FakeApp = {
    calls: [],
    notices,
    memoMap,
    plan: { digest, lines: [readLine(), changeLine('disable')], gates: [] },
    slow: 0,
    emit,
    ask: (run, options = {}) => {
      const request = `req-${factsOf(run).length}`
      emit(run, 'approval.requested', {
        request,
        digest: options.digest ?? app.plan.digest,
        lines: {},
        gates: [
          {
            scope: 'disable',
            from: 'approver',
            count: options.count ?? 1,
            withinMs: 60_000,
            ...(options.rule === undefined ? {} : { rule: options.rule }),
          },
        ],
        expires: new Date(Date.now() + 1_800_000).toISOString(),
        ...(options.because === undefined ? {} : { because: options.because }),
      })
      return request
    },
    playbooks: () => [playbook, { ...playbook, name: 'bad-model-version', title: 'Roll back', inputs: {} }],
    playbook: () => playbook,
    person,
    start: async (request) => {
      app.calls.push({ name: 'start', detail: request })
      if (app.slow > 0) await new Promise((resolve) => setTimeout(resolve, app.slow))
      authority(request.by)
      const known = app.playbooks().find(({ name }) => name === request.playbook)
      if (known === undefined) {
        throw new FirebreakError('playbook.unknown', `There is no playbook ${request.playbook}`, {
          remedy: 'Type playbooks.',
        })
      }
      checkInputs(known, request.inputs)
      const run = `run-${runIds().length + 1}`
      const { title, name } = known
      emit({ run, actor: actor(request.by) }, 'run.requested', {
        mode: request.mode,
        playbook: { name, title, digest: known.digest, text: '' },
        because: 'leak',
        inputs: request.inputs,
        config: 'x',
        contracts: {},
        ...(request.reason === undefined ? {} : { reason: request.reason }),
      })
      emit(run, 'run.planned', { plan: app.plan })
      return view(run)
    },
    run: async (id) => view(id),
    runs: async ({ open, limit = 1000 }) =>
      runIds()
        .map(view)
        .filter((entry) => open !== true || entry.state.endedAt === undefined)
        .toReversed()
        .slice(0, limit),
    facts: async (run) => factsOf(run),
    log: async ({ from, limit }) => facts.slice(from, from + limit),
    decide: async (decision) => {
      app.calls.push({ name: 'decide', detail: decision })
      const wrong = fault(decision, view(decision.run))
      if (wrong !== undefined) return refused(decision, ...wrong)
      const by = authority(decision.by)
      const { request, by: account, evidence } = decision
      if (decision.decision === 'reject') {
        emit(decision.run, 'run.rejected', { request, reason: decision.reason ?? 'no reason given' })
        return { kind: 'done' }
      }
      emit(decision.run, 'approval.given', {
        request,
        digest: decision.digest,
        person: by.id,
        account,
        evidence,
      })
      return { kind: 'counted', still: view(decision.run).waitingFor?.missing ?? [] }
    },
    done: async (said) => {
      app.calls.push({ name: 'done', detail: said })
      return { kind: 'done' }
    },
    cancel: async (run, by, reason) => {
      app.calls.push({ name: 'cancel', detail: { run, reason } })
      authority(by)
      emit(run, 'run.cancelled', { reason })
    },
    resume: async (run, by, { reason, answers = {} }) => {
      app.calls.push({ name: 'resume', detail: { run, reason, answers } })
      authority(by)
      emit(run, 'run.resumed', { reason, answers })
    },
    undo: async (run, by) => {
      app.calls.push({ name: 'undo', detail: { run } })
      authority(by)
      const { requested } = view(run).state
      const id = `run-${runIds().length + 1}`
      emit({ run: id, actor: actor(by) }, 'run.requested', { ...requested, undoes: run })
      return view(id)
    },
    containments: async () => [],
    renew: async (wish) => {
      app.calls.push({ name: 'renew', detail: wish })
    },
    lift: async (wish) => {
      app.calls.push({ name: 'lift', detail: wish })
      return view(wish.run)
    },
    keep: async (wish) => {
      app.calls.push({ name: 'keep', detail: wish })
    },
    hold: async (run, _by, reason) => emit(run, 'run.held', { reason }),
    release: async (run, _by, reason) => emit(run, 'run.released', { reason }),
    freeze: async (by, reason) => {
      authority(by)
      frozen = { reason, since: new Date().toISOString(), thaw: [] }
      emit({}, 'freeze.set', { reason })
    },
    thaw: async (by, reason, evidence) => {
      app.calls.push({ name: 'thaw', detail: { by, reason } })
      const { id } = authority(by)
      if (frozen === undefined) {
        throw new FirebreakError('guardrail.not-frozen', 'Nothing is frozen', { remedy: 'Nothing to do.' })
      }
      if (frozen.thaw.some(({ person: known }) => known === id)) {
        return { kind: 'refused', code: 'approval.twice', message: 'said so already', remedy: 'Ask another.' }
      }
      frozen = { ...frozen, thaw: [...frozen.thaw, { person: id, at: new Date().toISOString() }] }
      const all = frozen.thaw.map(({ person: known }) => known)
      emit({ actor: actor(by) }, 'thaw.asked', { person: id, account: by, evidence, reason })
      if (all.length < 2) return { kind: 'counted', still: ['1 more person must say so within 30m'] }
      frozen = undefined
      emit({ actor: actor(by) }, 'freeze.lifted', { reason, by: all })
      return { kind: 'done' }
    },
    withdraw: async (wish) => {
      app.calls.push({ name: 'withdraw', detail: wish })
      return { kind: 'done', run: wish.run }
    },
    breakGlass: async (wish) => {
      app.calls.push({ name: 'break-glass', detail: wish })
      return { kind: 'done', run: wish.run }
    },
    review: async (wish) => {
      app.calls.push({ name: 'review', detail: wish })
      return { kind: 'done', run: wish.run }
    },
    guardrails: async () => [],
    frozen: async () => frozen,
    challenge: async () => ({ message: '', expires: '' }),
    signed: async () => ({ kind: 'done' }),
    alert: async () => [],
    audit: {
      list: async () => [],
      accessed: async () => undefined,
      verify: async () => ({ ok: true, size: 0, root: '', checkpoint: '' }),
      export: async () => ({ size: 0, checkpoint: '' }),
      checkpoint: async () => 'firebreak/test\n7\nroot=\n\n— firebreak/test sig\n',
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    outbox: {
      pending: async (limit) => notices.slice(0, limit),
      delivered: async (notice, receipt) => {
        app.calls.push({ name: 'delivered', detail: { id: notice.id, receipt } })
        notices.splice(notices.indexOf(notice), 1)
      },
      failed: async (notice, why) => {
        app.calls.push({ name: 'failed', detail: { id: notice.id, why } })
        notices.splice(notices.indexOf(notice), 1)
      },
    },
    memo: {
      get: async (key) => memoMap.get(key),
      set: async (key, value) => {
        memoMap.set(key, value)
      },
    },
  }
  return app
}

function checkInputs(known: PlaybookInfo, inputs: JsonObject): void {
  for (const name of Object.keys(inputs)) {
    if (!Object.hasOwn(known.inputs, name)) {
      throw new FirebreakError('input.unknown', `There is no input ${name}`, { remedy: 'Look at playbooks.' })
    }
  }
  const key = inputs['accessKeyId']
  if (!Object.hasOwn(known.inputs, 'accessKeyId')) return
  if (typeof key !== 'string' || !key.startsWith('AKIA')) {
    throw new FirebreakError('input.wrong-value', 'accessKeyId: must match ^AKIA', {
      remedy: 'accessKeyId is Id of the leaked key (string).',
    })
  }
}
