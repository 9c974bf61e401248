import { playbook } from '../../support/bot.ts'
import type { Exploring } from './explore.ts'

const set = (target: string, more: object = {}) => ({
  action: 'aws.set',
  with: { target, value: 'off' },
  ...more,
})
const approve = { approve: { from: 'approver', count: 1, within: '90d' } }

export type Graph = Pick<Exploring, 'text' | 'closing' | 'approved'>

export const graphs: { readonly [what: string]: Graph } = {
  'one effect that nothing guards': {
    text: playbook('unguarded', { a: { ...set('a'), action: 'aws.add' } }),
    closing: [],
    approved: [],
  },
  'one effect': { text: playbook('one', { a: set('a') }), closing: [], approved: [] },
  'an effect after an approval': {
    text: playbook('approved', { a: set('a', approve) }),
    closing: [],
    approved: ['a'],
  },
  'two items, then a closing effect': {
    text: playbook('each', {
      a: {
        forEach: '${{ ["x", "y"] }}',
        action: 'aws.set',
        with: { target: '${{ item }}', value: 'off' },
        concurrency: 2,
      },
      end: set('end', { when: 'always()' }),
    }),
    closing: ['end'],
    approved: [],
  },
  'two effects side by side, one of them approved, and a word at the end': {
    text: playbook('beside', {
      a: set('a'),
      b: set('b', approve),
      c: set('c', { after: ['a', 'b'] }),
      tell: { when: 'failed()', action: 'slack.tell', with: { text: 'failed' } },
    }),
    closing: ['tell'],
    approved: ['b'],
  },
  'a failure, and what is done about it': {
    text: playbook('failing', {
      a: set('a'),
      b: { ...set('b', { after: ['a'] }), with: { target: 'b', value: '${{ "bro" + "ken" }}' } },
      end: set('end', { when: 'failed()' }),
    }),
    closing: ['end'],
    approved: [],
  },
}
