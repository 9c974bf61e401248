import { and, cel, definePlaybook, eq, gt, input, not, re, text } from '../../../src/index.ts'
import type { Definition } from '../../../src/playbook/define.ts'
import { draft } from './toy.ts'

/**
 * What `tsc` refuses: each line that it must refuse is marked, and `tsc` fails when it no longer does. The checker of the
 * text refuses the same, with this code, for those who write no types.
 */
export type Mistake = { readonly name: string; readonly code: string; readonly make: () => Definition }

function mistake(name: string, code: string, make: () => Definition): Mistake {
  return { name, code, make }
}

export const references: readonly Mistake[] = [
  mistake('an unknown step', 'playbook.definition', () =>
    // @ts-expect-error -- there is no step sen
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.sen.name } })),
  ),
  mistake('an unknown field of a step', 'playbook.definition', () =>
    // @ts-expect-error -- toy.look gives no nam
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.nam } })),
  ),
  mistake('an unknown field of a repeated step', 'playbook.definition', () =>
    draft.step('x', ({ steps }) => ({
      action: 'toy.take',
      // @ts-expect-error -- toy.look gives no nam
      with: { texts: steps.many.map('m', (m) => m.nam) },
    })),
  ),
  mistake('a field of a repeated step, as if it ran once', 'playbook.definition', () =>
    // @ts-expect-error -- a list has no name
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.many.name } })),
  ),
  mistake('an unknown input', 'playbook.definition', () =>
    // @ts-expect-error -- there is no input whom
    draft.step('x', ({ inputs }) => ({ action: 'toy.need', with: { text: inputs.whom } })),
  ),
  mistake('an unknown part of an input', 'playbook.definition', () =>
    // @ts-expect-error -- a place has no row
    draft.step('x', ({ inputs }) => ({ action: 'toy.need', with: { text: inputs.place.row } })),
  ),
  mistake('an unknown field of an item', 'playbook.definition', () =>
    draft.step('x', ({ steps, each }) =>
      // @ts-expect-error -- an item has no nam
      each(steps.seen.items, (item) => ({ action: 'toy.need', with: { text: item.nam } })),
    ),
  ),
  mistake('itself', 'playbook.definition', () =>
    // @ts-expect-error -- x is not there before it is made
    draft.step('x', ({ steps }) => ({ action: 'toy.take', with: { on: steps.x.done } })),
  ),
  mistake('a later step, so that a circle could close', 'playbook.definition', () =>
    draft
      // @ts-expect-error -- y comes later
      .step('x', ({ steps }) => ({ action: 'toy.take', with: { on: steps.y.done } }))
      .step('y', () => ({ action: 'toy.take', after: ['x'], with: {} })),
  ),
  mistake('after itself', 'playbook.cycle', () =>
    // @ts-expect-error -- x is not there before it is made
    draft.step('x', () => ({ action: 'toy.take', after: ['x'], with: {} })),
  ),
  mistake('after a later step: a circle', 'playbook.cycle', () =>
    draft
      // @ts-expect-error -- y comes later
      .step('x', () => ({ action: 'toy.take', after: ['y'], with: {} }))
      .step('y', () => ({ action: 'toy.take', after: ['x'], with: {} })),
  ),
  mistake('a step at the end, from the main part', 'playbook.definition', () =>
    draft
      .atEnd('end', 'always', () => ({ action: 'toy.look' }))
      // @ts-expect-error -- end runs when everything else is over
      .step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.end.name } })),
  ),
  mistake('after a step at the end, from the main part', 'playbook.closing', () =>
    draft
      .atEnd('end', 'always', () => ({ action: 'toy.look' }))
      // @ts-expect-error -- end runs when everything else is over
      .step('x', () => ({ action: 'toy.take', after: ['end'], with: {} })),
  ),
]

export const types: readonly Mistake[] = [
  mistake('a number for a text', 'playbook.wrong-type', () =>
    // @ts-expect-error -- an integer is no text
    draft.step('x', ({ inputs }) => ({ action: 'toy.need', with: { text: inputs.count } })),
  ),
  mistake('a constant number for a text', 'playbook.wrong-type', () =>
    // @ts-expect-error -- 5 is no text
    draft.step('x', () => ({ action: 'toy.need', with: { text: 5 } })),
  ),
  mistake('a text for an integer', 'playbook.wrong-type', () =>
    // @ts-expect-error -- a text is no integer
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { count: inputs.who } })),
  ),
  mistake('a fraction for an integer', 'playbook.wrong-type', () =>
    // @ts-expect-error -- a ratio is no integer
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { count: inputs.ratio } })),
  ),
  mistake('a constant that is not in the list of words', 'playbook.wrong-', () =>
    // @ts-expect-error -- Pod is neither Deployment nor StatefulSet
    draft.step('x', () => ({ action: 'toy.take', with: { kind: 'Pod' } })),
  ),
  mistake('any text where a word is wanted', 'playbook.wrong-', () =>
    // @ts-expect-error -- who may be anything
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { kind: inputs.who } })),
  ),
  mistake('words of another list', 'playbook.wrong-', () =>
    // @ts-expect-error -- soft and hard are no kinds
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { kind: inputs.mode } })),
  ),
  mistake('a template where a word is wanted', 'playbook.wrong-', () =>
    // @ts-expect-error -- the text may be anything
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { kind: text`${inputs.who}Set` } })),
  ),
  mistake('a list for a text', 'playbook.wrong-type', () =>
    // @ts-expect-error -- a list is no text
    draft.step('x', ({ inputs }) => ({ action: 'toy.need', with: { text: inputs.names } })),
  ),
  mistake('a list of other items', 'playbook.wrong-type', () =>
    // @ts-expect-error -- a list of texts is no list of objects
    draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { items: inputs.names } })),
  ),
  mistake('an object with a field too many', 'playbook.wrong-type', () =>
    draft.step('x', ({ steps, each }) =>
      // @ts-expect-error -- items have a note, which small has not
      each(steps.seen.items, (item) => ({ action: 'toy.take', with: { small: item } })),
    ),
  ),
  mistake('a list of objects with a field too few', 'playbook.missing-field', () =>
    draft.step('x', ({ steps }) => ({
      action: 'toy.take',
      // @ts-expect-error -- an item has more than a name
      with: { items: [{ name: steps.seen.name }] },
    })),
  ),
  mistake('an object with a field of another type', 'playbook.wrong-type', () =>
    // @ts-expect-error -- size is an integer
    draft.step('x', () => ({ action: 'toy.take', with: { item: { name: 'a', size: 'b' } } })),
  ),
  mistake('an object without a field', 'playbook.missing-field', () =>
    // @ts-expect-error -- size is missing
    draft.step('x', () => ({ action: 'toy.take', with: { item: { name: 'a' } } })),
  ),
  mistake('a missing field of with', 'playbook.missing-field', () =>
    // @ts-expect-error -- text is missing
    draft.step('x', () => ({ action: 'toy.need', with: {} })),
  ),
  mistake('no with at all', 'playbook.missing-field', () =>
    // @ts-expect-error -- text is missing
    draft.step('x', () => ({ action: 'toy.need' })),
  ),
  mistake('a field of with too many', 'playbook.unknown-', () =>
    // @ts-expect-error -- toy.need takes no more
    draft.step('x', () => ({ action: 'toy.need', with: { text: 'a', more: 'b' } })),
  ),
  mistake('a field of with too many, in a repeated step', 'playbook.unknown-', () =>
    draft.step('x', ({ inputs, each }) =>
      // @ts-expect-error -- toy.need takes no more
      each(inputs.names, (name) => ({ action: 'toy.need', with: { text: name, more: 'b' } })),
    ),
  ),
  mistake('an item of another type', 'playbook.wrong-type', () =>
    draft.step('x', ({ steps, each }) =>
      // @ts-expect-error -- an item is an object
      each(steps.seen.items, (item) => ({ action: 'toy.need', with: { text: item } })),
    ),
  ),
  mistake('an unknown action', 'playbook.unknown-action', () =>
    // @ts-expect-error -- there is no toy.ned
    draft.step('x', () => ({ action: 'toy.ned', with: { text: 'a' } })),
  ),
  mistake('an unknown key of a step', 'playbook.unknown-key', () =>
    // @ts-expect-error -- it is spelt approve
    draft.step('x', () => ({ action: 'toy.need', with: { text: 'a' }, aprove: { from: 'approver' } })),
  ),
  mistake('a duration without a unit', 'playbook.bad-value', () =>
    // @ts-expect-error -- 30 of what?
    draft.step('x', () => ({ action: 'toy.need', with: { text: 'a' }, timeout: '30' })),
  ),
  mistake('a reference where the text has a constant', 'playbook.definition', () =>
    // @ts-expect-error -- how many run at once is no question for an input
    draft.step('x', ({ inputs }) => ({ action: 'toy.look', concurrency: inputs.count })),
  ),
  mistake('a repetition over what is no list', 'playbook.not-a-list', () =>
    draft.step('x', ({ inputs, each }) =>
      // @ts-expect-error -- who is a text
      each(inputs.who, () => ({ action: 'toy.need', with: { text: 'a' } })),
    ),
  ),
  mistake('a step by the name of another', 'playbook.definition', () =>
    // @ts-expect-error -- seen is a step already
    draft.step('seen', () => ({ action: 'toy.look' })),
  ),
  mistake('a name with a hyphen', 'playbook.bad-value', () =>
    // @ts-expect-error -- in an expression that is a minus
    draft.step('my-step', () => ({ action: 'toy.look' })),
  ),
]

const byHand = definePlaybook({
  name: 'by-hand',
  title: 'By hand',
  severity: 'low',
  because: 'drill',
  inputs: { key: input.string({ pattern: '^AKIA[A-Z0-9]{16}$', description: 'Key' }) },
})
const ask = { action: 'firebreak.manual', with: { who: 'approver', what: 'Switch it off' } } as const

export const confirmations: readonly Mistake[] = [
  mistake('that is missing', 'playbook.confirm', () =>
    // @ts-expect-error -- nothing looks whether it was done
    byHand.step('x', () => ({ ...ask })),
  ),
  mistake('of a step that is not done by hand', 'playbook.', () =>
    // @ts-expect-error -- Firebreak knows what it read
    draft.step('x', () => ({ action: 'toy.look', confirm: { action: 'toy.look', that: (seen) => seen.on } })),
  ),
  mistake('by an action that does not read', 'playbook.confirm', () =>
    byHand.step('x', () => ({
      ...ask,
      // @ts-expect-error -- a message confirms nothing
      confirm: { action: 'slack.post', with: { channel: 'a', text: 'b' }, that: () => cel<boolean>('true') },
    })),
  ),
  mistake('by a field that the read does not give', 'playbook.definition', () =>
    byHand.step('x', ({ inputs }) => ({
      ...ask,
      confirm: {
        action: 'aws.find-access-key',
        with: { accessKeyId: inputs.key },
        // @ts-expect-error -- it gives a status
        that: (key) => eq(key.state, 'Inactive'),
      },
    })),
  ),
  mistake('whose read takes no such field', 'playbook.unknown-', () =>
    byHand.step('x', ({ inputs }) => ({
      ...ask,
      confirm: {
        action: 'aws.find-access-key',
        // @ts-expect-error -- it takes no user
        with: { accessKeyId: inputs.key, user: 'a' },
        that: (key) => eq(key.status, 'Inactive'),
      },
    })),
  ),
  mistake('whose read lacks a field', 'playbook.missing-field', () =>
    byHand.step('x', () => ({
      ...ask,
      // @ts-expect-error -- accessKeyId is missing
      confirm: { action: 'aws.find-access-key', with: {}, that: (key) => eq(key.status, 'Inactive') },
    })),
  ),
]

export const absent: readonly Mistake[] = [
  mistake('the output of a step that may be skipped', 'playbook.wrong-type', () =>
    // @ts-expect-error -- perhaps has a when
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.perhaps.name } })),
  ),
  mistake('the output of a step whose failure is tolerated', 'playbook.wrong-type', () =>
    // @ts-expect-error -- tried has onError: continue
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.tried.name } })),
  ),
  mistake('any output, in a step at the end', 'playbook.wrong-type', () =>
    // @ts-expect-error -- the run may have ended before seen
    draft.atEnd('x', 'failed', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.name } })),
  ),
  mistake('an optional field', 'playbook.wrong-type', () =>
    // @ts-expect-error -- owner is optional
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.owner } })),
  ),
  mistake('an optional field, in a text', 'expr.unguarded', () =>
    // @ts-expect-error -- owner is optional
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: text`by ${steps.seen.owner}` } })),
  ),
  mistake('a field that may be null', 'playbook.wrong-type', () =>
    // @ts-expect-error -- parent may be null
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.parent } })),
  ),
  mistake('null where a field may only be left out', 'playbook.wrong-type', () =>
    // @ts-expect-error -- parent may be null
    draft.step('x', ({ steps }) => ({ action: 'toy.take', with: { text: steps.seen.parent } })),
  ),
  mistake('a field of an optional object', 'playbook.wrong-type', () =>
    // @ts-expect-error -- first is optional
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.first.name } })),
  ),
  mistake('a place in a list', 'playbook.wrong-type', () =>
    // @ts-expect-error -- the list may be empty
    draft.step('x', ({ inputs }) => ({ action: 'toy.need', with: { text: inputs.names.at(0) } })),
  ),
  mistake('a key of a map', 'playbook.wrong-type', () =>
    // @ts-expect-error -- there may be no such label
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.labels.at('team') } })),
  ),
  mistake('a part of an input that may be left out', 'playbook.wrong-type', () =>
    draft.step('x', ({ inputs }) => ({
      action: 'toy.take',
      // @ts-expect-error -- rack is not required
      with: { item: { name: 'a', size: inputs.place.rack } },
    })),
  ),
  mistake('in a comparison', 'expr.unguarded', () =>
    // @ts-expect-error -- owner is optional
    draft.step('x', ({ steps }) => ({ when: eq(steps.seen.owner, 'a'), action: 'toy.look' })),
  ),
  mistake('a list of a step that may be skipped, as what to repeat over', 'playbook.not-a-list', () =>
    draft.step('x', ({ steps, each }) =>
      // @ts-expect-error -- perhaps has a when
      each(steps.perhaps.items, () => ({ action: 'toy.look' })),
    ),
  ),
]

export const secrets: readonly Mistake[] = [
  mistake('in a text', 'expr.secret', () =>
    // @ts-expect-error -- a secret is no part of a text
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: text`use ${steps.seen.token}` } })),
  ),
  mistake('where a text is wanted', 'playbook.', () =>
    // @ts-expect-error -- a secret goes into a secret only
    draft.step('x', ({ steps }) => ({ action: 'toy.need', with: { text: steps.seen.token } })),
  ),
  mistake('where anything is taken', 'playbook.', () =>
    // @ts-expect-error -- a secret goes into a secret only
    draft.step('x', ({ steps }) => ({ action: 'toy.take', with: { any: steps.seen.token } })),
  ),
  mistake('inside an object, where anything is taken', 'playbook.', () =>
    // @ts-expect-error -- the output holds a token
    draft.step('x', ({ steps }) => ({ action: 'toy.take', with: { any: steps.seen } })),
  ),
  mistake('in a comparison', 'expr.secret', () =>
    // @ts-expect-error -- nothing can be computed with a secret
    draft.step('x', ({ steps }) => ({ when: eq(steps.seen.token, 'a'), action: 'toy.look' })),
  ),
  mistake('written down', 'playbook.', () =>
    // @ts-expect-error -- a secret is never a constant
    draft.step('x', () => ({ action: 'toy.take', with: { token: 'hunter2' } })),
  ),
]

export const conditions: readonly Mistake[] = [
  mistake('that is no yes or no', 'expr.type', () =>
    // @ts-expect-error -- who is a text
    draft.step('x', ({ inputs }) => ({ when: inputs.who, action: 'toy.look' })),
  ),
  mistake('of a text and a number', 'expr.type', () =>
    // @ts-expect-error -- who is a text
    draft.step('x', ({ inputs }) => ({ when: eq(inputs.who, 5), action: 'toy.look' })),
  ),
  mistake('of two types', 'expr.type', () =>
    // @ts-expect-error -- who is a text, count a number
    draft.step('x', ({ inputs }) => ({ when: eq(inputs.who, inputs.count), action: 'toy.look' })),
  ),
  mistake('by order of what has none', 'expr.type', () =>
    // @ts-expect-error -- there is no order of true and false
    draft.step('x', ({ inputs }) => ({ when: gt(inputs.force, true), action: 'toy.look' })),
  ),
  mistake('that negates a text', 'expr.type', () =>
    // @ts-expect-error -- who is a text
    draft.step('x', ({ inputs }) => ({ when: not(inputs.who), action: 'toy.look' })),
  ),
  mistake('that joins a text', 'expr.type', () =>
    // @ts-expect-error -- who is a text
    draft.step('x', ({ inputs }) => ({ when: and(inputs.force, inputs.who), action: 'toy.look' })),
  ),
  mistake('that looks for a pattern in a number', 'expr.type', () =>
    // @ts-expect-error -- count is a number
    draft.step('x', ({ inputs }) => ({ when: re(inputs.count, 'a'), action: 'toy.look' })),
  ),
  mistake('whose test of items is no yes or no', 'expr.type', () =>
    draft.step('x', ({ inputs }) => ({
      // @ts-expect-error -- a name is a text
      when: inputs.names.exists('n', (n) => n),
      action: 'toy.look',
    })),
  ),
]

const head = { name: 'a', title: 'A', severity: 'low', because: 'drill' } as const
const post = { action: 'slack.post', with: { channel: 'a', text: 'b' } } as const

/** How long, how often. */
export const timings: readonly Mistake[] = [
  mistake('a pause without a unit', 'playbook.bad-value', () =>
    // @ts-expect-error -- 2 of what?
    draft.step('x', () => ({ action: 'toy.look', retry: { wait: '2' } })),
  ),
  mistake('a way of trying again that there is not', 'playbook.unknown-key', () =>
    // @ts-expect-error -- it doubles always
    draft.step('x', () => ({ action: 'toy.look', retry: { backoff: 2 } })),
  ),
  mistake('a read that ends', 'playbook.ttl-without-effect', () =>
    // @ts-expect-error -- a read changes nothing
    draft.step('x', () => ({ action: 'toy.look', ttl: '4h' })),
  ),
  mistake('a message that is tried again', 'playbook.retry', () =>
    // @ts-expect-error -- a message is delivered by itself
    definePlaybook(head).step('x', () => ({ ...post, retry: { attempts: 2 } })),
  ),
  mistake('a message that ends', 'playbook.ttl-without-effect', () =>
    // @ts-expect-error -- a message changes nothing
    definePlaybook(head).step('x', () => ({ ...post, ttl: '4h' })),
  ),
  mistake('a run without a unit', 'playbook.bad-value', () =>
    // @ts-expect-error -- 30 of what?
    definePlaybook({ ...head, timeout: '30' }).step('x', () => post),
  ),
  mistake('an end that is none', 'playbook.bad-value', () =>
    definePlaybook(head).step('x', () => ({
      action: 'kubernetes.scale',
      with: { namespace: 'a', kind: 'Deployment', name: 'b', replicas: 0 },
      ttl: '4h',
      // @ts-expect-error -- ask or undo
      onExpiry: 'keep',
    })),
  ),
]
