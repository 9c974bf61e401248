import { describe, expect, it } from 'vitest'
import { bareKind, fold, foldId, spellingsOf } from '../../src/policy/spellings.ts'

// What is in one line here reads as one text.
const looks = [
  [
    'Cyrillic',
    '\u0430\u0432\u0441\u0501\u0435\u04BB\u043D\u0456\u0458\u043A\u04CF\u043C\u043E\u0440\u051B\u0433\u0455\u0442\u0475\u051D\u0445\u0443',
    'abcdehhijklmopqrstvwxy',
  ],
  [
    'Greek',
    '\u03B1\u03B2\u03B5\u03B9\u03BA\u03BC\u03BF\u03C1\u03C4\u03C5\u03BD\u03C7\u03B3\u03B6',
    'abeikmoptuvxyz',
  ],
  ['Armenian', '\u0581\u0570\u0575\u0578\u0585\u0566\u057D', 'ghjnoqu'],
  ['other Latin', '\u0251\u0261\u0131', 'agi'],
] as const

it.each(looks)('%s letters read as the Latin ones that they look like', (_, letters, latin) => {
  expect(fold(letters)).toBe(latin)
  expect(fold(letters.toUpperCase()).length).toBe(latin.length)
  // One by one, so that none stands for another.
  expect(Array.from(letters, fold)).toEqual(Array.from(latin))
})

describe('one form of a text', () => {
  it.each([
    ['Prod-A', 'prod-a'],
    ['cafe\u0301', 'cafe'],
    ['caf\u00E9', 'cafe'],
    ['a\u200Bb\u0000c\u0007', 'abc'],
    ['a\u2010b\u2212c', 'a-b-c'],
    ['a\u00A0b', 'a b'],
    ['\uFF4Clm', 'llm'],
    ['a.', 'a'],
    ['a. .', 'a'],
    [' a', 'a'],
    ['  a/  b', 'a/b'],
    ['a /b', 'a/b'],
    ['a/ b', 'a/b'],
    ['a./b', 'a/b'],
    ['a.b c', 'a.b c'],
    ['.a', '.a'],
    ['\u4E2D', '\u4E2D'],
    ['', ''],
  ])('of “%s” is “%s”', (text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  it.each([
    ['arn:aws-us-gov:iam::1:user/X', 'arn:aws:iam::1:user/x'],
    ['arn:aws-cn:iam::1:user/x', 'arn:aws:iam::1:user/x'],
    ['arn::iam::1:user/x', 'arn:aws:iam::1:user/x'],
    ['arn:*:iam::1:user/x', 'arn:*:iam::1:user/x'],
    ['x:arn:aws-cn:y', 'x:arn:aws-cn:y'],
    ['arn:awsome:y', 'arn:awsome:y'],
  ])('of the id “%s” is “%s”', (id, folded) => {
    expect(foldId(id)).toBe(folded)
  })

  it('of a kind is its last part', () => {
    expect(['kubernetes.deployment', 'deployment', 'a.b.c'].map(bareKind)).toEqual([
      'deployment',
      'deployment',
      'c',
    ])
  })
})

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbC123'

describe('the ways in which a target may be named', () => {
  it('are the user and the key of an access key, and the account that its id names', () => {
    const id = 'arn:aws-cn:iam::123456789012:user/CI#AKIA1'
    expect(spellingsOf({ kind: 'aws.access-key', id, name: 'AKIA1 of CI' })).toEqual({
      kinds: ['aws.access-key'],
      ids: ['arn:aws:iam::123456789012:user/ci#akia1', 'arn:aws:iam::123456789012:user/ci', 'akia1'],
      names: ['akia1 of ci', 'akia1', 'ci'],
      namespaces: [],
      accounts: ['123456789012', '123456789012'],
      labels: [],
    })
  })

  it('are a secret with and without what the service put behind its name', () => {
    const { ids, accounts } = spellingsOf({ kind: 's', id: secret, name: 's' })
    const [whole, partial] = [secret.toLowerCase(), secret.slice(0, -7).toLowerCase()]
    expect(ids).toEqual([whole, partial])
    expect(new Set(accounts)).toEqual(new Set(['123456789012']))
    for (const other of [
      `${secret}x`,
      secret.slice(0, -1),
      secret.replace('secretsmanager', 'sns'),
      `x${secret}`,
    ])
      expect(spellingsOf({ kind: 's', id: other, name: 's' }).ids).toEqual([other.toLowerCase()])
  })

  it('are a name with and without its namespace, which is the one that it says', () => {
    const target = { kind: 'Deployment', id: 'u', name: 'Models/LLM', account: 'A1' }
    expect(spellingsOf({ ...target, namespace: 'models', labels: { 'App.': 'X ' } })).toEqual({
      kinds: ['deployment'],
      ids: ['u'],
      names: ['models/llm', 'llm'],
      namespaces: ['models'],
      accounts: ['a1'],
      labels: [['app', 'x']],
    })
    expect(spellingsOf({ ...target, namespace: 'model' }).names).toEqual(['models/llm'])
    expect(spellingsOf(target)).toMatchObject({ names: ['models/llm'], namespaces: [] })
    expect(spellingsOf({ ...target, name: 'undefined/x' }).names).toEqual(['undefined/x'])
  })

  it.each([
    ['Namespace', 'Prod', ['prod']],
    ['kubernetes.namespace', 'main/prod', ['prod']],
    ['Deployment', 'prod', []],
  ] as const)('are a namespace itself, with or without its cluster: %s %s', (kind, name, namespaces) => {
    expect(spellingsOf({ kind, id: 'u', name }).namespaces).toEqual(namespaces)
  })

  it('name no account where the id is of none', () => {
    for (const id of [
      'arn:aws:s3:::bucket',
      'x-arn:aws:iam::123456789012:user/a',
      'arn:aws:iam::12345678901:user/a',
    ])
      expect(spellingsOf({ kind: 'k', id, name: 'n' }).accounts).toEqual([])
  })
})
