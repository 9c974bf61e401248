import { playbook } from '../../support/bot.ts'
import {
  actsAlone,
  approves,
  approvesFirstPlan,
  becomes,
  cancels,
  drifts,
  endsParked,
  freezes,
  isLabelled,
  isTouched,
  leaves,
  rejects,
  reviews,
  signs,
  signsThaw,
  thaws,
  timePasses,
  withdraws,
} from './acts.ts'
import { START } from './clock.ts'
import type { Seat, Situation } from './situation.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const approver: Seat = { from: 'approver', count: 1 }
const two: Seat = { from: 'approver', count: 2 }
const lead: Seat = { from: 'lead', count: 1 }

const set = (target: string, more: object = {}, value = 'off') => ({
  action: 'aws.set',
  with: { target, value },
  ...more,
})
const asking = (...seats: readonly Seat[]) => ({ approve: seats })
const anHour = timePasses('an hour passes', HOUR_MS)

const approval: Situation = {
  playbooks: [playbook('approved', { a: set('a', asking(two)) })],
  truth: { needs: { 'run1/a': [[two]] } },
  script: [approves('ann'), approves('bob'), approves('cleo')],
  mischief: [
    signs('ann'),
    approves('rita'),
    signs('rita'),
    approves('gus'),
    approvesFirstPlan('cleo'),
    rejects('bob'),
    withdraws('ann'),
    withdraws('bob'),
    leaves('ann'),
    becomes('bob', 'deactivated'),
    drifts('a'),
    isTouched('a'),
    cancels('ann'),
    anHour,
  ],
}

/** Lee has both roles, and counts for one group of the playbook; and once more for the rule. */
const groups: Situation = {
  playbooks: [playbook('groups', { a: set('a', asking(approver, lead)) })],
  config: { approvals: [{ name: 'no-undo', noUndo: true, ask: lead }] },
  truth: { needs: { 'run1/a': [[approver, lead], [lead]] } },
  script: [approves('lee'), approves('ann'), approves('bob')],
  mischief: [leaves('lee'), becomes('ann', 'guest'), withdraws('ann'), withdraws('lee'), drifts('a'), anHour],
}

const freeze: Situation = {
  playbooks: [playbook('one', { a: set('a') }), playbook('other', { b: set('b', asking(approver)) })],
  truth: { needs: { 'run2/b': [[approver]] } },
  script: [freezes('ann'), approves('lee'), thaws('bob'), thaws('cleo'), thaws('lee'), thaws('ann')],
  mischief: [
    freezes('rita'),
    signsThaw('bob'),
    thaws('gus'),
    leaves('bob'),
    becomes('cleo', 'deactivated'),
    anHour,
  ],
}

/** Each run takes what the other one takes, in the other order. */
const targets: Situation = {
  playbooks: [
    playbook('there', { a: set('a'), b: set('b', { after: ['a'] }) }),
    playbook('back', { b: set('b', {}, 'out'), a: set('a', { after: ['b'] }, 'out') }),
  ],
  truth: {},
  script: [endsParked('bob')],
  mischief: [drifts('a'), isTouched('b'), cancels('ann')],
}

const three = ['a', 'b', 'c'].map((target) => playbook(`set-${target}`, { [target]: set(target) }))

const atOnce: Situation = {
  playbooks: three,
  config: { guardrails: { budgets: [{ name: 'all', limit: 1 }] } },
  truth: { allowances: [{ limit: 1 }] },
  script: [endsParked('bob')],
  mischief: [drifts('a'), cancels('ann'), anHour],
}

const anHourLong: Situation = {
  playbooks: three,
  config: { guardrails: { budgets: [{ name: 'all', limit: 2, per: '1h' }] } },
  truth: { allowances: [{ limit: 2, windowMs: HOUR_MS }] },
  script: [],
  mischief: [drifts('a'), cancels('ann'), timePasses('half an hour passes', HOUR_MS / 2), anHour],
}

const beyond: Situation = {
  playbooks: three.slice(0, 2),
  config: { guardrails: { budgets: [{ name: 'all', limit: 1, per: '1h', over: { ask: two } }] } },
  truth: { allowances: [{ limit: 1, windowMs: HOUR_MS, beyond: two }] },
  script: [approves('ann'), approves('bob'), approves('cleo')],
  mischief: [
    signs('ann'),
    approves('rita'),
    withdraws('ann'),
    leaves('bob'),
    drifts('b'),
    timePasses('half an hour passes', HOUR_MS / 2),
    anHour,
  ],
}

const alone: Situation = {
  playbooks: [
    playbook('first', { a: set('a', asking(two)) }),
    playbook('second', { b: set('b', asking(two)) }),
  ],
  truth: { needs: { 'run1/a': [[two]], 'run2/b': [[two]] } },
  script: [actsAlone('bob'), approves('cleo'), approves('lee')],
  mischief: [
    actsAlone('ann'),
    actsAlone('rita'),
    actsAlone('gus'),
    reviews('ann'),
    reviews('bob'),
    reviews('rita'),
    leaves('ann'),
    becomes('bob', 'deactivated'),
    drifts('a'),
  ],
}

const during = (from: number, until: number) => ({
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
})
const [shutFrom, asksFrom, opens] = [START + 10 * MINUTE_MS, START + 3 * HOUR_MS, START + 9 * HOUR_MS]

/** Soon everything waits for some hours, and then people are asked. */
const windows: Situation = {
  playbooks: three.slice(0, 2),
  config: {
    guardrails: {
      windows: [
        { name: 'night', during: during(shutFrom, asksFrom) },
        { name: 'dawn', during: during(asksFrom, opens), over: { ask: lead } },
      ],
    },
  },
  truth: {
    shut: [
      { from: shutFrom, until: asksFrom },
      { from: asksFrom, until: opens, beyond: lead },
    ],
  },
  script: [approves('lee')],
  mischief: [
    approves('ann'),
    timePasses('ten minutes pass', 10 * MINUTE_MS),
    timePasses('hours pass', 3 * HOUR_MS),
    withdraws('lee'),
    becomes('lee', 'deactivated'),
    drifts('a'),
    cancels('ann'),
  ],
}

const precious: Situation = {
  playbooks: [playbook('one', { a: set('a', asking(approver)) }), playbook('other', { b: set('root') })],
  config: { guardrails: { neverTouch: [{ name: 'root' }, { labels: { keep: '*' } }] } },
  truth: { needs: { 'run1/a': [[approver]] }, names: ['root'], label: 'keep' },
  script: [approves('ann'), approves('bob')],
  mischief: [isLabelled('a', { keep: 'always' }), isLabelled('root', {}), isTouched('a'), actsAlone('bob')],
}

export const situations = {
  'two approvers of one effect': approval,
  'several groups, by the playbook and by a rule': groups,
  'a freeze, and two people who lift it': freeze,
  'two runs that each want what the other one has': targets,
  'one effect at once': atOnce,
  'two effects an hour': anHourLong,
  'one effect an hour, and more if people agree': beyond,
  'people who act alone, and those who review it': alone,
  'a time in which effects wait, and one in which people are asked': windows,
  'targets that are never touched': precious,
} as const satisfies { readonly [what: string]: Situation }
