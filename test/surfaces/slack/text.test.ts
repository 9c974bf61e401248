import { expect, test } from 'vitest'
import { code, fence, mention, plain, prose } from '../../../src/surfaces/slack/text.ts'
import { chunks } from '../../../src/surfaces/slack/block.ts'
import { fit } from '../../../src/surfaces/slack/fit.ts'
import { decodeShown, encodeShown } from '../../../src/surfaces/slack/ids.ts'

const hostile = [
  '<!channel> <!here> <@U0AMIR0002> @everyone',
  '*Approved by amir* _really_ ~no~ `x`',
  'a\u202Egnp.exe\u2066 b\u200B\u0000\u0007',
  'line one\n✅ Succeeded\nline three',
  '<https://evil.example|https://good.example>',
  '```fence``` breakout',
]

test.each(hostile)('%j can neither mention, link, format nor hide anything', (text) => {
  for (const shown of [prose(text), code(text, 200)]) {
    expect(shown).not.toMatch(/<[!@#h]/)
    expect(shown).not.toMatch(/[\p{Cc}\u202A-\u202E]/u)
    expect(shown).not.toContain('\n')
  }
  expect(prose(text)).not.toMatch(/[*_~`]/)
  expect(code(text, 200).slice(1, -1)).not.toContain('`')
  expect(fence(text).slice(3, -3)).not.toContain('```')
})

test('a text is never cut inside an entity or a character', () => {
  for (let max = 3; max < 40; max++) {
    const cut = prose('&&&<<<😀😀😀>>>&&&', max)
    expect(cut.length).toBeLessThanOrEqual(max)
    expect(cut).toMatch(/^(&amp;|&lt;|&gt;|😀|…)*$/u)
    expect(plain('😀😀😀😀😀😀😀😀😀😀😀😀😀', max).isWellFormed()).toBe(true)
  }
  expect(prose('a lone \uD800 surrogate').isWellFormed()).toBe(true)
})

test('only an id is mentioned', () => {
  expect(mention('U0AMIR0002')).toBe('<@U0AMIR0002>')
  expect(mention('!channel')).toBe('`!channel`')
})

test('lines are gathered without exceeding a limit', () => {
  const parts = chunks(
    Array.from({ length: 50 }, (_, at) => `${at} ${'x'.repeat(400)}`),
    { lines: 8, chars: 2900 },
  )
  expect(parts.flat()).toHaveLength(50)
  expect(Math.max(...parts.map((part) => part.join('\n').length))).toBeLessThanOrEqual(2900)
})

function huge() {
  return [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'x'.repeat(13_000) } }]
}

test('when no form fits, the sentence still does', () => {
  expect(fit('the sentence', [huge]).blocks).toMatchObject([{ text: { text: 'the sentence' } }])
})

test('what a button showed comes back as it was, and damage is seen', () => {
  const shown = { run: 'r|1', request: 'q%2', digest: '0123456789ab' }
  expect(decodeShown(encodeShown(shown))).toEqual(shown)
  for (const damaged of ['', 'a', 'a|b', 'a|b|c|d', '||', '%|%|%'])
    expect(decodeShown(damaged)).toBeUndefined()
})
