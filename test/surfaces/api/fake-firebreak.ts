import { randomBytes } from 'node:crypto'
import type { AlertOutcome } from '../../../src/core/alert.ts'
import type {
  DecisionOutcome,
  Firebreak,
  RunView,
  SignedAction,
  StartRequest,
} from '../../../src/core/app.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { FirebreakError } from '../../../src/core/errors.ts'
import type { Fact, NewFact } from '../../../src/core/fact.ts'
import { type Account, type Actor, system } from '../../../src/core/person.ts'
import type { Plan } from '../../../src/core/plan.ts'
import type { PlaybookInfo } from '../../../src/core/playbook.ts'
import type { Freeze } from '../../../src/core/ports.ts'
import { isReviewDue } from '../../../src/core/run-approvals.ts'
import { fold, liveContainments, openRequest } from '../../../src/core/run.ts'
import { SignedMessage } from '../../../src/core/wire.ts'
import { verifySshSignature } from '../../../src/policy/ssh-signature.ts'

// A bot without an engine: it keeps facts, folds them, and records what surfaces ask of it. Signatures are verified, and
// everybody is allowed; a signed run begins.

export const playbook: PlaybookInfo = {
  name: 'leaked-key',
  title: 'Contain a leaked key',
  severity: 'high',
  because: 'leak',
  covers: { atlas: ['AML.T0055'], owaspLlm: ['LLM02'] },
  inputs: {
    accessKeyId: { type: 'string', description: 'Id of the leaked key', pattern: '^AKIA' },
    secretIds: {
      type: 'array',
      description: 'Secrets that hold it',
      items: { type: 'string', description: 'Id of a secret' },
      default: [],
    },
  },
  steps: [
    {
      id: 'disable',
      action: 'aws.deactivate-access-key',
      title: 'Deactivate an IAM access key',
      effect: 'reversible',
      needs: [],
      repeats: false,
      approve: [{ from: 'approver', count: 1, withinMs: 1_800_000 }],
    },
  ],
  digest: 'sha256:play',
  file: 'playbooks/leaked-key.yaml',
}

const plan: Plan = {
  digest: 'sha256:plan-1',
  gates: [{ scope: 'disable', from: 'approver', count: 1, withinMs: 1_800_000 }],
  lines: [
    {
      step: 'disable',
      action: 'aws.deactivate-access-key',
      contract: 1,
      title: 'Deactivate an IAM access key',
      effect: 'reversible',
      instance: 'main',
      kind: 'change',
      onFailure: false,
      confidence: 'predicted',
      change: {
        target: {
          kind: 'access key',
          id: 'arn:aws:iam::1:user/ci/AKIA1',
          name: 'AKIA1 of \u001b[31mci\u202e',
        },
        before: { status: 'Active', user: 'ci' },
        after: { status: 'Inactive', user: 'ci' },
        confidence: 'predicted',
        output: {},
      },
      undo: { kind: 'never', reason: 'a leaked key stays off' },
      summary: 'Deactivate AKIA1',
      digest: 'sha256:line-1',
    },
  ],
}

/** Whose signature started a run that a test finds already there. */
const requester = { via: 'ssh', fingerprint: 'SHA256:requester' } as const

const badSignature: DecisionOutcome = {
  kind: 'refused',
  code: 'authority.bad-signature',
  message: 'the signature does not count',
  remedy: 'Ask for a new text.',
}

type Signed = { readonly message: string; readonly signature: string }

export type Fake = {
  readonly app: Firebreak
  readonly commit: (...facts: readonly NewFact[]) => void
  /** The run waits for an approval of this digest. */
  readonly ask: (run: string, digest?: string) => void
  /** A real run that somebody has started by a signature; it waits for an approval. */
  readonly begin: () => string
  /** The run acts and succeeds. */
  readonly finish: (run: string) => void
  readonly seen: {
    starts: StartRequest[]
    signed: Signed[]
    alerts: { source: string; body: string }[]
    accesses: { what: string; by: Account }[]
  }
  /** What the bot answers next; tests replace it. */
  readonly answers: {
    signed: (input: Signed) => DecisionOutcome
    alert: (source: string, body: string) => readonly AlertOutcome[]
    challenge: (message: Record<string, unknown>) => Record<string, unknown>
    frozen?: Freeze
  }
}

export function createFake(): Fake {
  const facts: Fact[] = []
  const listeners = new Set<(facts: readonly Fact[]) => void>()
  const commit: Fake['commit'] = (...added) => {
    const stored = added.map((fact): Fact => {
      const n = fact.run === undefined ? {} : { n: ofRun(fact.run).length }
      const full = { ...fact, ...n, seq: facts.length, time: '2026-01-02T03:04:05.678Z' } as Fact
      facts.push(full)
      return full
    })
    for (const listener of listeners) listener(stored)
  }
  const ofRun = (run: string): Fact[] => facts.filter((fact) => fact.run === run)
  const view = (id: string): RunView => {
    const state = fold(ofRun(id))
    if (state === undefined) throw unknownRun(id)
    const open = openRequest(state)
    if (open === undefined) return { state, playbook }
    const { request, digest, expires } = open
    const ada = { id: 'ada', name: 'Ada', roles: ['approver'], sshKeys: [] }
    const missing = ['1 of 1 approver for disable']
    return { state, playbook, waitingFor: { request, digest, expires, missing, eligible: [ada] } }
  }
  const ask: Fake['ask'] = (run, digest = plan.digest) => {
    const request = `q${ofRun(run).length}`
    const expires = '2026-01-02T03:34:05.678Z'
    commit(fact(run, 'approval.requested', { request, digest, lines: {}, gates: plan.gates, expires }))
  }
  const finish: Fake['finish'] = (run) => {
    const state = view(run).state
    const open = openRequest(state)
    if (open !== undefined) commit(fact(run, 'approval.satisfied', { request: open.request }))
    commit({ ...fact(run, 'step.succeeded', { output: { status: 'Inactive' } }), step: 'disable' })
    commit(fact(run, 'run.succeeded', {}))
  }
  const seen: Fake['seen'] = { starts: [], signed: [], alerts: [], accesses: [] }
  const issued = new Set<string>()
  const carryOut = ({ message, signature }: Signed): DecisionOutcome => {
    const verified = verifySshSignature({ message, signature })
    if (!verified.ok || !issued.delete(message)) return badSignature
    const { decision, playbook: name = '', inputs = {}, reason } = SignedMessage.parse(JSON.parse(message))
    if (decision !== 'run') return { kind: 'done' }
    const by = { via: 'ssh', fingerprint: verified.fingerprint } as const
    const why = reason === undefined ? {} : { reason }
    return { kind: 'done', run: start({ playbook: name, inputs, mode: 'run', by, ...why }).state.id }
  }
  const answers: Fake['answers'] = {
    signed: carryOut,
    alert: () => [],
    challenge: (message) => message,
  }
  const start = (request: StartRequest): RunView => {
    seen.starts.push(request)
    if (request.playbook !== playbook.name) throw unknownPlaybook(request.playbook)
    const run = `r${seen.starts.length}`
    const actor: Actor = { kind: 'account', account: request.by }
    commit({ type: 'run.requested', run, actor, data: requested(request) })
    commit(fact(run, 'run.planned', { plan }))
    if (request.mode === 'run') ask(run)
    return view(run)
  }
  const challenge = (action: SignedAction): { message: string; expires: string } => {
    const expires = '2026-01-02T03:14:05.678Z'
    const nonce = randomBytes(8).toString('hex')
    const { kind, ...about } = action
    const digest = 'run' in action ? digestOf(view(action.run), action) : {}
    const said = { log: 'test', ...about, ...digest, decision: kind, nonce, expires }
    const message = canonicalJson(answers.challenge(said))
    issued.add(message)
    return { message, expires }
  }
  const app: Firebreak = {
    playbooks: () => [playbook],
    playbook: (name) => {
      if (name !== playbook.name) throw unknownPlaybook(name)
      return playbook
    },
    person: () => undefined,
    start: (request) => Promise.resolve().then(() => start(request)),
    run: async (id) => view(id),
    runs: async ({ open, reviewDue, limit = 100 }) =>
      [...new Set(facts.flatMap((entry) => entry.run ?? []))]
        .map(view)
        .filter((entry) => open !== true || entry.state.endedAt === undefined)
        .filter((entry) => reviewDue !== true || isReviewDue(entry.state))
        .slice(0, limit),
    facts: async (run) => ofRun(run),
    log: async ({ from, limit }) => facts.slice(from, from + limit),
    decide: () => notHere('decide'),
    done: () => notHere('done'),
    cancel: () => notHere('cancel'),
    undo: () => notHere('undo'),
    containments: async () =>
      [...new Set(facts.flatMap((entry) => entry.run ?? []))].map(view).flatMap(({ state }) =>
        liveContainments(state).map(({ id: step, change, containment }) => ({
          run: state.id,
          step,
          playbook: { name: playbook.name, title: playbook.title },
          ...(change === undefined ? {} : { target: change.target }),
          containment,
        })),
      ),
    resume: () => notHere('resume'),
    renew: () => notHere('renew'),
    lift: () => notHere('lift'),
    keep: () => notHere('keep'),
    hold: () => notHere('hold'),
    release: () => notHere('release'),
    freeze: () => notHere('freeze'),
    thaw: () => notHere('thaw'),
    withdraw: () => notHere('withdraw'),
    breakGlass: () => notHere('breakGlass'),
    review: () => notHere('review'),
    frozen: async () => answers.frozen,
    guardrails: async () => [],
    challenge: async (action) => challenge(action),
    signed: (input) => {
      seen.signed.push(input)
      return Promise.resolve().then(() => answers.signed(input))
    },
    alert: (source, body) => {
      const text = Buffer.from(body).toString()
      seen.alerts.push({ source, body: text })
      return Promise.resolve().then(() => answers.alert(source, text))
    },
    audit: {
      list: async ({ from, limit }) => facts.slice(from, from + limit),
      accessed: async (what, by) => void seen.accesses.push({ what, by }),
      verify: () => Promise.resolve({ ok: true, size: facts.length, root: 'abc', checkpoint: 'test\n0\n' }),
      export: (folder) => Promise.resolve({ size: facts.length, checkpoint: `to ${folder}` }),
      checkpoint: () => Promise.resolve('test\n7\nroot\n\n\u2014 test sig\n'),
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    outbox: { pending: async () => [], delivered: () => notHere('outbox'), failed: () => notHere('outbox') },
    memo: { get: async () => undefined, set: () => notHere('memo') },
  }
  const begin: Fake['begin'] = () =>
    start({ playbook: playbook.name, inputs: { accessKeyId: 'AKIA1' }, mode: 'run', by: requester }).state.id
  return { app, commit, ask, begin, finish, seen, answers }
}

function fact(run: string, type: NewFact['type'], data: object): NewFact {
  return { type, data, run, actor: system } as NewFact
}

function requested({ mode, inputs, reason }: StartRequest) {
  return {
    mode,
    playbook: {
      name: playbook.name,
      title: playbook.title,
      digest: playbook.digest,
      text: 'name: leaked-key',
    },
    because: playbook.because,
    inputs,
    config: 'sha256:config',
    contracts: { 'aws.deactivate-access-key': 1 },
    ...(reason === undefined ? {} : { reason }),
  }
}

function digestOf(view: RunView, action: SignedAction): { digest?: string } {
  const decides = ['approve', 'reject', 'break-glass'].includes(action.kind)
  return decides && view.waitingFor !== undefined ? { digest: view.waitingFor.digest } : {}
}

function notHere(what: string): Promise<never> {
  return Promise.reject(new Error(`the fake has no ${what}: no control route may call it`))
}

function unknownRun(id: string): FirebreakError {
  return new FirebreakError('run.unknown', `there is no run ${id}`, { remedy: 'List the runs.' })
}

function unknownPlaybook(name: string): FirebreakError {
  return new FirebreakError('playbook.unknown', `there is no playbook ${name}`, {
    remedy: 'List the playbooks.',
  })
}
