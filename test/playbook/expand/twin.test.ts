import { describe, expect, it } from 'vitest'
import type { RunView } from '../../../src/core/app.ts'
import { reloadPlaybook } from '../../../src/playbook/load.ts'
import type { Playbook } from '../../../src/playbook/playbook.ts'
import { startBot } from '../../support/bot.ts'
import { createToy, toyActions } from '../../support/toy.ts'
import { playbookText, text, whole } from './support.ts'

const lamps = { a: 'on', b: 'dim' }
const actions = toyActions(createToy(lamps))

const dim = playbookText('dim', {
  inputs: { lamp: text, value: { ...text, default: 'off' } },
  outputs: {
    before: '${{ steps.seen.value }}',
    report: '${{ steps.seen.lamp + " was " + steps.seen.value }}',
  },
  steps: {
    seen: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } },
    turn: {
      action: 'toy.set',
      after: ['seen'],
      with: { lamp: '${{ inputs.lamp }}', value: '${{ inputs.value }}' },
      approve: { from: 'approver' },
    },
    page: { when: 'failed()', action: 'toy.tell', with: { text: '${{ inputs.lamp }} is not dim' } },
  },
})

const outer = playbookText('outer', {
  inputs: { lamp: text, deep: { type: 'boolean', description: 'Whether', default: true } },
  steps: {
    first: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } },
    one: {
      action: 'firebreak.run',
      when: 'inputs.deep',
      with: { playbook: 'dim', inputs: { lamp: '${{ steps.first.lamp }}' } },
    },
    two: {
      action: 'firebreak.run',
      after: ['one'],
      with: { playbook: 'dim', inputs: { lamp: 'b', value: 'was ${{ steps.first.value }}' } },
    },
    tell: {
      action: 'toy.tell',
      after: ['one'],
      with: { text: '${{ steps.two.report }}, ${{ steps.?one.before.orValue("untouched") }}' },
    },
  },
})

/** What a person would write without `firebreak.run`. */
const twin = playbookText('outer', {
  inputs: { lamp: text, deep: { type: 'boolean', description: 'Whether', default: true } },
  steps: {
    first: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } },
    one_seen: {
      when: 'inputs.deep',
      action: 'toy.look',
      after: ['first'],
      with: { lamp: '${{ steps.first.lamp }}' },
    },
    one_turn: {
      when: 'inputs.deep',
      action: 'toy.set',
      after: ['one_seen'],
      with: { lamp: '${{ steps.first.lamp }}', value: 'off' },
      approve: { from: 'approver' },
    },
    one_page: {
      when: '(failed()) && (has(steps.first)) && inputs.deep',
      action: 'toy.tell',
      with: { text: '${{ has(steps.first) ? steps.first.lamp : "" }} is not dim' },
    },
    two_seen: { action: 'toy.look', after: ['one_turn', 'first'], with: { lamp: 'b' } },
    two_turn: {
      action: 'toy.set',
      after: ['two_seen'],
      with: { lamp: 'b', value: 'was ${{ steps.first.value }}' },
      approve: { from: 'approver' },
    },
    two_page: { when: 'failed()', action: 'toy.tell', with: { text: 'b is not dim' } },
    tell: {
      action: 'toy.tell',
      after: ['one_turn'],
      with: {
        text: '${{ steps.two_seen.lamp + " was " + steps.two_seen.value }}, ${{ steps.?one_seen.value.orValue("untouched") }}',
      },
    },
  },
})

function graphOf({ info, steps }: Playbook): object[] {
  return info.steps.map((step) => {
    const found = steps.find(({ id }) => id === step.id)
    return { ...step, needs: [...step.needs].toSorted(), closing: found?.closing, using: found?.using }
  })
}

function linesOf({ state }: RunView): unknown {
  return state.plan
}

describe('a playbook that runs others', () => {
  it('has the graph of its flat twin', () => {
    const made = graphOf(whole({ dim, outer }, 'outer', actions))
    expect(made).toEqual(graphOf(reloadPlaybook(twin, 'outer.yaml', actions)))
    expect(made).toHaveLength(8)
  })

  it.each([{ deep: true }, { deep: false }])('has the plan of its flat twin (%o)', async (more) => {
    const inputs = { lamp: 'a', ...more }
    const plans = []
    for (const source of [whole({ dim, outer }, 'outer', actions).text, twin]) {
      const bot = await startBot({ actions: toyActions(createToy(lamps)), playbooks: [source] })
      plans.push(linesOf(await bot.plan('outer', inputs)))
      await bot.close()
    }
    expect(plans[0]).toBeDefined()
    expect(JSON.stringify(plans[0]).replaceAll(/"digest":"[^"]*"/g, '')).toBe(
      JSON.stringify(plans[1]).replaceAll(/"digest":"[^"]*"/g, ''),
    )
  })

  it('changes its digest with the playbook that it runs', () => {
    const changed = dim.replace('is not dim', 'is bright')
    const before = whole({ dim, outer }, 'outer', actions).info.digest
    expect(whole({ dim, outer }, 'outer', actions).info.digest).toBe(before)
    expect(whole({ dim: changed, outer }, 'outer', actions).info.digest).not.toBe(before)
  })

  it('reads back from its text as it is, without any other file', () => {
    const made = whole({ dim, outer }, 'outer', actions)
    const again = reloadPlaybook(made.text, 'outer.yaml', actions)
    expect(again.info).toEqual(made.info)
    expect(made.text).not.toContain('firebreak.run')
  })

  it('reads back from its text with characters that would be refused as they are', () => {
    const odd = playbookText('odd', {
      steps: {
        sub: { action: 'firebreak.run', with: { playbook: 'dim', inputs: { lamp: 'a', value: 'x' } } },
      },
    }).replace('value: x', () => 'value: "a\\u202eb \\u0007 \'c\' $${{ d"')
    const made = whole({ dim, odd }, 'odd', actions)
    expect(reloadPlaybook(made.text, 'odd.yaml', actions).info).toEqual(made.info)
    const turn = made.steps.find(({ id }) => id === 'sub_turn')
    const steps = { sub_seen: { kind: 'unknown' } } as const
    expect(turn?.input({ inputs: {}, steps })).toEqual({
      known: true,
      value: { lamp: 'a', value: "a\u202eb \u0007 'c' ${{ d" },
    })
  })
})
