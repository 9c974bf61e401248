import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { parseSshKey } from '../../src/core/ssh-key.ts'
import { personOf } from '../../src/policy/person.ts'
import { click, people } from './people.ts'

function field(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes])
}

function keyLine(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const blob = Buffer.concat([Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')].map(field))
  return `ssh-ed25519 ${blob.toString('base64')} somebody`
}

const [first, second, stranger] = [keyLine(), keyLine(), keyLine()]
const cast = people.map((person) => ({
  ...person,
  // A line that is no key any more, as after a change of what is taken for one.
  sshKeys: person.id === 'ann' ? ['ssh-dss AAAA', first, second] : [],
}))

function byKey(line: string): string | undefined {
  const fingerprint = parseSshKey(line)?.fingerprint ?? ''
  return personOf({ via: 'ssh', fingerprint }, cast)?.id
}

it('a person is known by the id in Slack, or by any of their keys', () => {
  expect(personOf(click('UBOB'), cast)?.id).toBe('bob')
  expect([first, second].map(byKey)).toEqual(['ann', 'ann'])
})

it('nobody is known by the key of a stranger, by a local shell or by an alert, whatever it calls itself', () => {
  expect(byKey(stranger)).toBeUndefined()
  expect(personOf({ via: 'ssh', fingerprint: '' }, cast)).toBeUndefined()
  expect(personOf(click('UNOBODY'), cast)).toBeUndefined()
  expect(personOf({ via: 'os', user: 'ann' }, cast)).toBeUndefined()
  expect(personOf({ via: 'alert', source: 'ann' }, cast)).toBeUndefined()
  // They have no such names, which is nothing in common with who has no Slack id.
  const bare = [{ id: 'ann', name: 'Ann', roles: [], sshKeys: [] }]
  expect(personOf({ via: 'os', user: 'ann' }, bare)).toBeUndefined()
  expect(personOf({ via: 'alert', source: 'ann' }, bare)).toBeUndefined()
})
