import { describe, expect, it } from 'vitest'
import { createToy, toyActions } from '../../support/toy.ts'
import { faultsOf, loadOf, playbookText, text, type Texts } from './support.ts'

const actions = toyActions(createToy())

const inner = playbookText('inner', {
  inputs: {
    lamp: text,
    mode: { type: 'string', enum: ['slow', 'fast'], description: 'How', default: 'slow' },
    key: { type: 'string', pattern: '^AKIA', description: 'Key', default: 'AKIA' },
    count: { type: 'integer', minimum: 0, maximum: 5, description: 'How many', default: 1 },
    mail: { type: 'string', format: 'email', description: 'Whom', default: 'a@example.com' },
    names: { type: 'array', items: text, description: 'Names', default: [] },
  },
  outputs: { value: '${{ steps.seen.value }}', hint: '${{ steps.?other.value }}' },
  steps: {
    seen: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } },
    other: { action: 'toy.look', when: 'inputs.mode == "fast"', with: { lamp: '${{ inputs.key }}' } },
    act: {
      action: 'toy.tell',
      forEach: '${{ inputs.names }}',
      with: { text: '${{ item }} ${{ inputs.count }} ${{ inputs.mail }} ${{ steps.seen.value }}' },
    },
  },
})

const head = 'name: outer\ntitle: Outer\nseverity: low\nbecause: drill\n'
const declared = 'inputs: { free: { type: string, description: F }, on: { type: boolean, description: O } }\n'
const use = '  use: { action: toy.tell, with: { text: "${{ inputs.free }} ${{ inputs.on }}" } }\n'

/** `▲` stands right before the place that is named. */
function check(marked: string, more: Texts = {}): { made: string[]; expected: string } {
  const full = `${head}${declared}steps:\n${use}${marked}`
  const before = full.slice(0, full.indexOf('▲')).split('\n')
  const made = faultsOf({ inner, ...more, outer: full.replace('▲', '') }, 'outer', actions)
  return { made, expected: `${before.length}:${(before.at(-1) ?? '').length + 1}` }
}

const run = (inputs: string) =>
  `  sub: { action: firebreak.run, with: { playbook: inner, inputs: { ${inputs} } } }\n`

describe('what does not fit between two playbooks is found in the one that runs the other:', () => {
  it.each<[string, string, string]>([
    ['a constant of another type', 'playbook.wrong-type', run('lamp: ▲5')],
    ['a reference of another type', 'playbook.wrong-type', run('lamp: "${{ ▲inputs.on }}"')],
    ['a word that is none of those', 'playbook.wrong-choice', run('lamp: a, mode: ▲quick')],
    ['any text for one of a few words', 'playbook.wrong-type', run('lamp: a, mode: "${{ ▲inputs.free }}"')],
    ['a constant against the pattern', 'playbook.wrong-type', run('lamp: a, key: ▲ABC')],
    ['a text without the pattern', 'playbook.wrong-type', run('lamp: a, key: "${{ ▲inputs.free }}"')],
    ['a computed text for a pattern', 'playbook.wrong-type', run('lamp: a, key: ▲"AKIA${{ inputs.free }}"')],
    ['a number out of bounds', 'playbook.wrong-type', run('lamp: a, count: ▲6')],
    ['a text of another format', 'playbook.wrong-type', run('lamp: a, mail: ▲nobody')],
    ['a list of another kind', 'playbook.wrong-type', run('lamp: a, names: [a, ▲5]')],
    ['an input too many', 'playbook.unknown-field', run('lamp: a, ▲colour: red')],
    [
      'an input that is missing',
      'playbook.missing-field',
      '  sub: { action: firebreak.run, with: { playbook: inner, inputs: ▲{ count: 2 } } }\n',
    ],
    [
      'all inputs missing',
      'playbook.missing-field',
      '  sub: { action: firebreak.run, with: ▲{ playbook: inner } }\n',
    ],
    ['no playbook', 'playbook.missing-field', '  sub: { action: firebreak.run, with: ▲{ inputs: {} } }\n'],
    [
      'a playbook that is computed',
      'playbook.wrong-type',
      '  sub: { action: firebreak.run, with: { playbook: ▲"${{ inputs.free }}" } }\n',
    ],
    [
      'a playbook that does not exist',
      'playbook.unknown',
      '  sub: { action: firebreak.run, with: { playbook: ▲iner, inputs: { lamp: a } } }\n',
    ],
    [
      'inputs that are one expression',
      'playbook.wrong-type',
      '  sub: { action: firebreak.run, with: { playbook: inner, inputs: ▲"${{ inputs.free }}" } }\n',
    ],
    [
      'an output that does not exist',
      'expr.unknown-name',
      `${run('lamp: a')}  tell: { action: toy.tell, with: { text: "\${{ ▲steps.sub.valu }}" } }\n`,
    ],
    [
      'an output that may be absent',
      'expr.unguarded',
      `${run('lamp: a')}  tell: { action: toy.tell, with: { text: "x \${{ ▲steps.sub.hint }}" } }\n`,
    ],
    [
      'an output of a playbook that may be skipped',
      'expr.unguarded',
      '  sub: { action: firebreak.run, when: inputs.on, with: { playbook: inner, inputs: { lamp: a } } }\n' +
        '  tell: { action: toy.tell, with: { text: "${{ ▲steps.sub.value }}" } }\n',
    ],
    [
      'an output of another type',
      'playbook.wrong-type',
      `  sub: { action: firebreak.run, with: { playbook: inner, inputs: { lamp: a } } }\n  again: { action: firebreak.run, with: { playbook: inner, inputs: { lamp: b, count: "\${{ ▲steps.sub.value }}" } } }\n`,
    ],
    [
      'what a playbook gives, whole',
      'playbook.run',
      `${run('lamp: a')}  tell: { action: toy.tell, when: has(▲steps.sub), with: { text: a } }\n`,
    ],
    [
      'has() of an output',
      'playbook.run',
      `${run('lamp: a')}  tell: { action: toy.tell, when: has(▲steps.sub.hint), with: { text: a } }\n`,
    ],
    [
      'a step of the other playbook',
      'expr.unknown-name',
      `${run('lamp: a')}  tell: { action: toy.tell, with: { text: "\${{ ▲steps.sub_seen.value }}" } }\n`,
    ],
    [
      'two playbooks that wait for each other',
      'playbook.cycle',
      '  ▲sub: { action: firebreak.run, after: [tell], with: { playbook: inner, inputs: { lamp: a } } }\n' +
        '  tell: { action: toy.tell, with: { text: "${{ steps.sub.value }}" } }\n',
    ],
    [
      'a repetition',
      'playbook.run',
      '  sub: { action: firebreak.run, ▲forEach: "${{ [1] }}", with: { playbook: inner, inputs: { lamp: a } } }\n',
    ],
    [
      'an approval',
      'playbook.run',
      '  sub: { action: firebreak.run, ▲approve: { from: approver }, with: { playbook: inner, inputs: { lamp: a } } }\n',
    ],
    [
      'a playbook at the end of the run',
      'playbook.run',
      '  sub: { action: firebreak.run, when: ▲failed(), with: { playbook: inner, inputs: { lamp: a } } }\n',
    ],
    [
      'a name that a step has already',
      'playbook.run',
      `  sub_seen: { action: toy.tell, with: { text: a } }\n${run('lamp: a').replace('sub', '▲sub')}`,
    ],
  ])('%s', (_, code, marked) => {
    const { made, expected } = check(marked)
    expect(made).toEqual([`${code} ${expected}`])
  })

  it('a fault of the other playbook is reported once, and named there', () => {
    const broken = inner.replace('${{ inputs.lamp }}', '${{ inputs.lmp }}')
    const marked = '  sub: { action: firebreak.run, with: { playbook: ▲inner, inputs: { lamp: a } } }\n'
    const reads = '  tell: { action: toy.tell, after: [sub], with: { text: "${{ steps.sub.anything }}" } }\n'
    const { made, expected } = check(marked + reads, { inner: broken })
    expect(made).toEqual([`playbook.inner-refused ${expected}`])
    expect(faultsOf({ inner: broken }, 'inner', actions)).toHaveLength(1)
  })

  it('an effect without evidence in the whole is a fault of the step that runs it', () => {
    const effect = playbookText('effect', {
      steps: { turn: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } },
    })
    const step = '{ action: firebreak.run, with: { playbook: effect } }'
    const outer = `name: outer\ntitle: O\nseverity: low\nbecause: leak\nsteps:\n  sub: ${step}\n`
    expect(faultsOf({ effect }, 'effect', actions)).toEqual([])
    expect(faultsOf({ effect, outer }, 'outer', actions)).toEqual(['playbook.no-evidence 6:3'])
    const waived = outer.replace(' } }', ' }, evidence: { waived: nothing is kept there } }')
    expect(faultsOf({ effect, outer: waived }, 'outer', actions)).toEqual([])
  })

  it('a playbook that is read by itself cannot run others', () => {
    const outer = playbookText('outer', {
      steps: { sub: { action: 'firebreak.run', with: { playbook: 'inner', inputs: { lamp: 'a' } } } },
    })
    const loaded = loadOf({ outer }, 'outer', actions)
    expect(loaded.ok ? [] : loaded.diagnostics.map(({ code }) => code)).toEqual(['playbook.unknown'])
  })
})

function calls(name: string, called: string): string {
  return playbookText(name, { steps: { sub: { action: 'firebreak.run', with: { playbook: called } } } })
}

describe('playbooks that run each other', () => {
  const end = playbookText('end', { steps: { say: { action: 'toy.tell', with: { text: 'x' } } } })

  it.each([
    ['itself', { a: calls('a', 'a') }, 'a → a'],
    ['in a circle', { a: calls('a', 'b'), b: calls('b', 'c'), c: calls('c', 'a') }, 'a → b → c → a'],
  ])('%s are refused, with the way', (_, texts: Texts, way) => {
    const loaded = loadOf(texts, 'a', actions)
    const faults = loaded.ok ? [] : loaded.diagnostics
    expect(faults.map(({ code }) => code)).toEqual(['playbook.recursion'])
    expect(faults[0]?.message).toContain(way)
  })

  it('in a circle elsewhere are that playbook’s own fault', () => {
    const texts = { a: calls('a', 'b'), b: calls('b', 'c'), c: calls('c', 'b') }
    expect(faultsOf(texts, 'a', actions).map((fault) => fault.split(' ')[0])).toEqual([
      'playbook.inner-refused',
    ])
  })

  it('are taken five deep and refused six deep', () => {
    const chain = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`p${i}`, calls(`p${i}`, `p${i + 1}`)]))
    const texts = { ...chain, p6: end.replaceAll('end', 'p6'), p0: calls('p0', 'p1') }
    expect(faultsOf(texts, 'p1', actions)).toEqual([])
    const loaded = loadOf(texts, 'p1', actions)
    expect(loaded.ok && loaded.playbook.steps.map(({ id }) => id)).toEqual(['sub_sub_sub_sub_sub_say'])
    expect(faultsOf(texts, 'p0', actions).map((fault) => fault.split(' ')[0])).toEqual(['playbook.run'])
  })

  it('a thousand deep are answered at once', () => {
    const texts = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`p${i}`, calls(`p${i}`, `p${(i + 1) % 1001}`)]),
    )
    expect(faultsOf(texts, 'p0', actions).map((fault) => fault.split(' ')[0])).toEqual(['playbook.run'])
  })
})
