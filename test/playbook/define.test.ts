import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import { parseYaml } from '../../src/core/yaml.ts'
import {
  and,
  cel,
  definePlaybook,
  eq,
  FirebreakError,
  ge,
  gt,
  has,
  input,
  isIn,
  le,
  lt,
  ne,
  not,
  or,
  re,
  text,
  toText,
  type Int,
} from '../../src/index.ts'
import type { Definition } from '../../src/playbook/define.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import type { StepValue } from '../../src/playbook/playbook.ts'
import { draft, toyActions } from './define/toy.ts'

/** The step x as it stands in the text, which the checker has accepted. */
function stepOf(definition: Definition): Json | undefined {
  const yaml = parseYaml(toText(definition), 'toy.yaml')
  if (!yaml.ok) throw new Error('no YAML')
  const { steps } = JSON.parse(JSON.stringify(yaml.value))
  return steps.x
}

function faultOf(make: () => Definition): string {
  try {
    return toText(make())
  } catch (error) {
    return error instanceof FirebreakError ? `${error.code} ${error.message}` : String(error)
  }
}

const look = { action: 'toy.look' } as const

describe('a condition', () => {
  it.each([
    ["inputs.who == 'a'", draft.step('x', ({ inputs }) => ({ when: eq(inputs.who, 'a'), ...look }))],
    ['inputs.count != 3', draft.step('x', ({ inputs }) => ({ when: ne(inputs.count, 3), ...look }))],
    ['inputs.count < -1', draft.step('x', ({ inputs }) => ({ when: lt(inputs.count, -1), ...look }))],
    ['inputs.ratio <= 1.0', draft.step('x', ({ inputs }) => ({ when: le(inputs.ratio, 1), ...look }))],
    ['inputs.ratio == 0.5', draft.step('x', ({ inputs }) => ({ when: eq(inputs.ratio, 0.5), ...look }))],
    [
      'inputs.count > steps.seen.items.size()',
      draft.step('x', ({ inputs, steps }) => ({ when: gt(inputs.count, steps.seen.items.size()), ...look })),
    ],
    ['inputs.force == true', draft.step('x', ({ inputs }) => ({ when: eq(inputs.force, true), ...look }))],
    ['inputs.force', draft.step('x', ({ inputs }) => ({ when: inputs.force, ...look }))],
    ['!inputs.force', draft.step('x', ({ inputs }) => ({ when: not(inputs.force), ...look }))],
    ["!(inputs.who >= 'a')", draft.step('x', ({ inputs }) => ({ when: not(ge(inputs.who, 'a')), ...look }))],
    [
      "(inputs.force || inputs.mode == 'hard') && inputs.count > 1",
      draft.step('x', ({ inputs }) => ({
        when: and(or(inputs.force, eq(inputs.mode, 'hard')), gt(inputs.count, 1)),
        ...look,
      })),
    ],
    [
      'inputs.force || inputs.count > 1 && inputs.count < 3',
      draft.step('x', ({ inputs }) => ({
        when: or(inputs.force, and(gt(inputs.count, 1), lt(inputs.count, 3))),
        ...look,
      })),
    ],
    [
      'inputs.force == (inputs.count > 1)',
      draft.step('x', ({ inputs }) => ({ when: eq(inputs.force, gt(inputs.count, 1)), ...look })),
    ],
    [
      "inputs.mode in ['soft', 'hard']",
      draft.step('x', ({ inputs }) => ({ when: isIn(inputs.mode, ['soft', 'hard']), ...look })),
    ],
    [
      'inputs.who in inputs.names',
      draft.step('x', ({ inputs }) => ({ when: isIn(inputs.who, inputs.names), ...look })),
    ],
    [
      "re(inputs.who, '^[a-z]+$') && inputs.who.contains('\\'')",
      draft.step('x', ({ inputs }) => ({
        when: and(re(inputs.who, '^[a-z]+$'), inputs.who.contains("'")),
        ...look,
      })),
    ],
    ['has(steps.seen.owner)', draft.step('x', ({ steps }) => ({ when: has(steps.seen.owner), ...look }))],
    ['has(steps.perhaps)', draft.step('x', ({ steps }) => ({ when: has(steps.perhaps), ...look }))],
    [
      'steps.?perhaps.?owner.hasValue()',
      draft.step('x', ({ steps }) => ({ when: has(steps.perhaps.owner), ...look })),
    ],
    [
      "steps.?perhaps.?name.orValue('none') != 'none'",
      draft.step('x', ({ steps }) => ({ when: ne(steps.perhaps.name.orValue('none'), 'none'), ...look })),
    ],
    [
      'steps.seen.items.filter(i, i.size > 3).all(i, has(i.note))',
      draft.step('x', ({ steps }) => ({
        when: steps.seen.items.filter('i', (i) => gt(i.size, 3)).all('i', (i) => has(i.note)),
        ...look,
      })),
    ],
    [
      "steps.seen.items.exists(i, i.?note.orValue('').startsWith(inputs.who))",
      draft.step('x', ({ inputs, steps }) => ({
        when: steps.seen.items.exists('i', (i) => i.note.orValue('').startsWith(inputs.who)),
        ...look,
      })),
    ],
    [
      'steps.?perhaps.?items.orValue([]).exists(i, i.size == 0)',
      draft.step('x', ({ steps }) => ({
        when: steps.perhaps.items.orValue([]).exists('i', (i) => eq(i.size, 0)),
        ...look,
      })),
    ],
    [
      "steps.seen.labels[?'team'].orValue('') == inputs.names[?0].orValue('')",
      draft.step('x', ({ inputs, steps }) => ({
        when: eq(steps.seen.labels.at('team').orValue(''), inputs.names.at(0).orValue('')),
        ...look,
      })),
    ],
    [
      "'a' in inputs.names && (inputs.count + 1 > 2 ? true : false)",
      draft.step('x', () => ({
        when: and(cel<boolean>("'a' in inputs.names && (inputs.count + 1 > 2 ? true : false)")),
        ...look,
      })),
    ],
    [
      '(inputs.count > 1 || inputs.force) && inputs.force',
      draft.step('x', ({ inputs }) => ({
        when: and(cel<boolean>('inputs.count > 1 || inputs.force'), inputs.force),
        ...look,
      })),
    ],
  ])('reads %s', (when, definition) => {
    expect(stepOf(definition)).toEqual({ when, ...look })
  })

  it('of a step at the end asks how the run went, and what else is asked', () => {
    const plain = draft.atEnd('x', 'always', () => look)
    expect(stepOf(plain)).toEqual({ when: 'always()', ...look })
    const more = draft.atEnd('x', 'failed', ({ inputs }) => ({
      when: or(inputs.force, eq(inputs.count, 1)),
      ...look,
    }))
    expect(stepOf(more)).toEqual({ when: 'failed() && (inputs.force || inputs.count == 1)', ...look })
    const raw = draft.atEnd('x', cel<boolean>('failed() || inputs.force'), () => look)
    expect(stepOf(raw)).toEqual({ when: 'failed() || inputs.force', ...look })
  })
})

describe('with', () => {
  it('takes constants, references, objects and lists of both', () => {
    const definition = draft.step('x', ({ inputs, steps }) => ({
      action: 'toy.take',
      with: {
        text: steps.seen.owner,
        kind: steps.seen.kind,
        wide: steps.seen.kind,
        count: inputs.count,
        share: inputs.count,
        on: false,
        parent: steps.seen.parent,
        item: { name: inputs.who, size: 1 },
        items: steps.seen.items,
        texts: ['a', inputs.who],
        labels: steps.seen.labels,
        any: { a: [1, 'b', null] },
        token: steps.seen.token,
      },
    }))
    expect(stepOf(definition)).toEqual({
      action: 'toy.take',
      with: {
        text: '${{ steps.seen.owner }}',
        kind: '${{ steps.seen.kind }}',
        wide: '${{ steps.seen.kind }}',
        count: '${{ inputs.count }}',
        share: '${{ inputs.count }}',
        on: false,
        parent: '${{ steps.seen.parent }}',
        item: { name: '${{ inputs.who }}', size: 1 },
        items: '${{ steps.seen.items }}',
        texts: ['a', '${{ inputs.who }}'],
        labels: '${{ steps.seen.labels }}',
        any: { a: [1, 'b', null] },
        token: '${{ steps.seen.token }}',
      },
    })
  })

  it('takes a list that is computed, and the items of one', () => {
    const definition = draft.step('x', ({ steps, each }) =>
      each(
        steps.seen.items.filter('i', (i) => lt(i.size, 3)),
        (item) => ({
          action: 'toy.take',
          with: { item, texts: steps.many.map('m', (m) => m.name), count: item.size },
        }),
      ),
    )
    expect(stepOf(definition)).toEqual({
      forEach: '${{ steps.seen.items.filter(i, i.size < 3) }}',
      action: 'toy.take',
      with: {
        item: '${{ item }}',
        texts: '${{ steps.many.map(m, m.name) }}',
        count: '${{ item.size }}',
      },
    })
  })
})

describe('what a person does by hand', () => {
  it('is confirmed by what a read gives', () => {
    const definition = definePlaybook({
      name: 'by-hand',
      title: 'By hand',
      severity: 'low',
      because: 'drill',
      inputs: { key: input.string({ pattern: '^AKIA[A-Z0-9]{16}$', description: 'Key' }) },
    }).step('x', ({ inputs }) => ({
      action: 'firebreak.manual',
      with: { who: 'approver', what: text`Switch ${inputs.key} off` },
      confirm: {
        action: 'aws.find-access-key',
        with: { accessKeyId: inputs.key },
        that: (result) => eq(result.status, 'Inactive'),
      },
      timeout: '4h',
    }))
    expect(stepOf(definition)).toEqual({
      action: 'firebreak.manual',
      with: { who: 'approver', what: 'Switch ${{ inputs.key }} off' },
      confirm: {
        action: 'aws.find-access-key',
        with: { accessKeyId: '${{ inputs.key }}' },
        that: "result.status == 'Inactive'",
      },
      timeout: '4h',
    })
  })
})

/** What the field text of step x becomes in a run where who is `ann` and count 2. */
function textOf(definition: Definition): unknown {
  const loaded = loadPlaybook(toText(definition), 'toy.yaml', toyActions)
  if (!loaded.ok) throw new Error('it does not load')
  const inputs = loaded.playbook.parseInputs({ who: 'ann', count: 2, ratio: 0.5, place: { zone: 'z' } })
  const absent: StepValue = { kind: 'absent' }
  const steps = { seen: absent, perhaps: absent, tried: absent, many: absent }
  const input = loaded.playbook.steps.find(({ id }) => id === 'x')?.input({ inputs, steps })
  return input?.known === true ? input.value['text'] : input
}

describe('a text', () => {
  it('joins texts, numbers, true and false as JavaScript does', () => {
    const made = draft.step('x', ({ inputs }) => ({
      action: 'toy.need',
      with: { text: text`It is ${inputs.who}, ${inputs.count} times: ${inputs.ratio} ${inputs.force}` },
    }))
    expect(textOf(made)).toBe('It is ann, 2 times: 0.5 false')
  })

  it.each([
    '${{ inputs.who }}',
    '$${{',
    '}}',
    "it's",
    '"quoted"',
    'a\nb',
    '$',
    '{{ x }}',
    ': # -',
    'é 😀',
    '\\',
  ])('that is the constant %j stays what it is', (constant) => {
    const plain = draft.step('x', () => ({ action: 'toy.need', with: { text: constant } }))
    expect(textOf(plain)).toBe(constant)
    const quoted = draft.step('x', ({ steps }) => ({
      action: 'toy.need',
      with: { text: steps.perhaps.name.orValue(constant) },
    }))
    expect(textOf(quoted)).toBe(constant)
  })

  it('has constants around references that stay what they are', () => {
    const made = draft.step('x', ({ inputs }) => ({
      action: 'toy.need',
      with: { text: text`$${inputs.who}$ \${{ no }} $${inputs.count}}}$` },
    }))
    expect(textOf(made)).toBe('$ann$ ${{ no }} $2}}$')
  })

  it('has constants inside expressions that stay what they are', () => {
    const odd = '\'"\\ }} ${{ \n é'
    const made = draft.step('x', ({ inputs, steps }) => ({
      action: 'toy.need',
      with: { text: text`${steps.perhaps.name.orValue(odd)}|${inputs.names.join(odd)}` },
    }))
    expect(textOf(made)).toBe(`${odd}|a`)
  })

  it('of a number alone is a text', () => {
    const made = draft.step('x', ({ inputs }) => ({
      action: 'toy.need',
      with: { text: text`${inputs.count}` },
    }))
    expect(textOf(made)).toBe('2')
  })
})

describe('what types cannot say is refused by the checker, when the text is made', () => {
  it.each<readonly [string, string, () => Definition]>([
    [
      'a pattern that is not promised',
      'playbook.wrong-type',
      () => draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { code: inputs.who } })),
    ],
    [
      'a number that may be too large',
      'playbook.wrong-type',
      () => draft.step('x', ({ inputs }) => ({ action: 'toy.take', with: { few: inputs.count } })),
    ],
    [
      'a fraction written where an integer belongs',
      'playbook.wrong-type',
      () => draft.step('x', () => ({ action: 'toy.take', with: { count: 1.5 } })),
    ],
    [
      'a wrong name in a raw expression',
      'expr.unknown-name',
      () => draft.step('x', () => ({ action: 'toy.need', with: { text: cel<string>('inputs.whom') } })),
    ],
    [
      'a wrong type of a raw expression',
      'playbook.wrong-type',
      () => draft.step('x', () => ({ action: 'toy.take', with: { count: cel<Int>('inputs.who') } })),
    ],
    [
      'an item in the condition of the whole step',
      'expr.unknown-name',
      () =>
        draft.step('x', ({ inputs, each }) =>
          each(inputs.names, (name) => ({ when: eq(name, 'a'), action: 'toy.look' })),
        ),
    ],
    [
      'a pattern that RE2 does not have',
      'expr.bad-pattern',
      () => draft.step('x', ({ inputs }) => ({ when: re(inputs.who, '(?=a)'), action: 'toy.look' })),
    ],
    [
      'a name of an item that means something else',
      'expr.type',
      () =>
        draft.step('x', ({ inputs }) => ({
          when: inputs.names.exists('inputs', (n) => eq(n, 'a')),
          action: 'toy.look',
        })),
    ],
    [
      'how the run went, in the main part',
      'playbook.definition',
      () => draft.step('x', () => ({ when: cel<boolean>('failed()'), action: 'toy.look' })),
    ],
    [
      'a step at the end that does not ask how the run went',
      'playbook.definition',
      () => draft.atEnd('x', cel<boolean>('inputs.force'), () => look),
    ],
    [
      'a reference from another playbook',
      'expr.unknown-name',
      () => {
        let stolen: Parameters<typeof not>[0] = cel<boolean>('true')
        draft
          .step('other', () => look)
          .step('y', ({ steps }) => {
            stolen = steps.other.on
            return look
          })
        return draft.step('x', () => ({ when: stolen, action: 'toy.look' }))
      },
    ],
  ])('%s', (_what, code, make) => {
    expect(faultOf(make)).toContain(code)
  })

  it('and every fault is named with its place', () => {
    const fault = faultOf(() =>
      draft
        .step('x', () => ({ action: 'toy.need', with: { text: cel<string>('inputs.whom') } }))
        .step('y', ({ inputs }) => ({ action: 'toy.take', with: { few: inputs.count } })),
    )
    expect(fault).toMatch(/^playbook\.refused toy\.yaml:\d+:\d+: /)
    expect(fault.match(/toy\.yaml:\d+:\d+/g)).toHaveLength(2)
  })
})

describe('a definition', () => {
  it('is not changed by what is added: one beginning can have two ends', () => {
    const one = draft.step('x', () => look)
    const other = draft.step('x', () => ({ action: 'toy.need', with: { text: 'a' } }))
    expect(stepOf(one)).toEqual(look)
    expect(stepOf(other)).toEqual({ action: 'toy.need', with: { text: 'a' } })
    expect(stepOf(draft)).toBeUndefined()
    expect(one.name).toBe('toy')
  })

  it('may use one value in two places', () => {
    const shared = { approve: { from: 'approver', within: '5m' }, timeout: '10s' } as const
    const made = draft.step('x', () => ({ ...look, ...shared })).step('y', () => ({ ...look, ...shared }))
    expect(stepOf(made)).toEqual({ ...look, ...shared })
  })

  it('is refused where a reference is used as a text', () => {
    expect(() =>
      draft.step('x', ({ inputs }) => ({
        action: 'toy.need',
        // oxlint-disable-next-line typescript/no-base-to-string, typescript/restrict-template-expressions -- the mistake: the tag is missing
        with: { text: `It is ${inputs.who}` },
      })),
    ).toThrow('A reference is no text')
  })
})
