import { playbook } from '../support/bot.ts'

/** The kinds of steps that a crash must be survived in, each with the playbook of one such step. */
export const kinds = [
  'conditional',
  'idempotent',
  'plain',
  'burn',
  'blind',
  'throttled',
  'approved',
  'each',
  'read',
  'notify',
  'wait',
] as const
export type Kind = (typeof kinds)[number]

const write = (action: string, more: object = {}) => ({
  action: `aws.${action}`,
  with: { target: '${{ inputs.thing }}', value: 'off' },
  ...more,
})
const retry = { attempts: 5, wait: '1s', longest: '1s' }

const steps: { readonly [K in Kind]: object } = {
  conditional: write('conditional'),
  idempotent: write('idempotent'),
  plain: write('plain'),
  burn: write('burn'),
  blind: write('blind'),
  throttled: {
    ...write('idempotent', { retry }),
    with: { target: '${{ inputs.thing }}', value: 'off', busy: 1 },
  },
  approved: write('conditional', { approve: { from: 'approver', count: 1, within: '30m' } }),
  each: {
    forEach: '${{ inputs.parts }}',
    action: 'aws.idempotent',
    with: { target: '${{ inputs.thing + "-" + item }}', value: 'off' },
    concurrency: 2,
  },
  read: { action: 'aws.look', with: { target: '${{ inputs.thing }}' } },
  notify: { action: 'slack.tell', with: { text: 'about ${{ inputs.thing }}' } },
  wait: { action: 'slack.pause', with: { ms: 50 } },
}

const inputs = {
  thing: { type: 'string', description: 'What it is about' },
  parts: { type: 'array', items: { type: 'string' }, default: ['a', 'b', 'c'], description: 'Its parts' },
}

/** Look → A → (B ‖ C) → approval → D → each → tell: every kind in one run. */
const storm = {
  look: { action: 'aws.look', with: { target: '${{ inputs.thing }}' } },
  a: {
    action: 'aws.conditional',
    after: ['look'],
    with: { target: '${{ inputs.thing + "-a" }}', value: 'off' },
  },
  b: { action: 'aws.idempotent', after: ['a'], with: { target: '${{ inputs.thing + "-b" }}', value: 'off' } },
  c: { action: 'aws.plain', after: ['a'], with: { target: '${{ inputs.thing + "-c" }}', value: 'off' } },
  d: {
    action: 'aws.burn',
    after: ['b', 'c'],
    with: { target: '${{ inputs.thing + "-d" }}', value: 'off' },
    approve: { from: 'approver', count: 1, within: '30m' },
  },
  each: {
    forEach: '${{ inputs.parts }}',
    after: ['d'],
    action: 'aws.idempotent',
    with: { target: '${{ inputs.thing + "-" + item }}', value: 'off' },
    concurrency: 2,
  },
  tell: { action: 'slack.tell', after: ['each'], with: { text: 'about ${{ inputs.thing }}' } },
  report: { when: 'failed()', action: 'slack.tell', with: { text: 'failed: ${{ inputs.thing }}' } },
}

export const playbooks: readonly string[] = [
  ...kinds.map((kind) => playbook(kind, { step: steps[kind] }, { inputs })),
  playbook('storm', storm, { inputs }),
]
