import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { invalidParameter } from './secret-versions.ts'

export const RandomPasswordRequest = z.strictObject({
  PasswordLength: z.number().int().min(1).max(4096).optional(),
  ExcludeCharacters: z.string().min(0).max(4096).optional(),
  ExcludeNumbers: z.boolean().optional(),
  ExcludePunctuation: z.boolean().optional(),
  ExcludeUppercase: z.boolean().optional(),
  ExcludeLowercase: z.boolean().optional(),
  IncludeSpace: z.boolean().optional(),
  RequireEachIncludedType: z.boolean().optional(),
})

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
/** As the API reference lists it for ExcludePunctuation. */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

export function randomPassword(request: z.infer<typeof RandomPasswordRequest>): string {
  const length = request.PasswordLength ?? 32
  const types = typesOf(request)
  const all = types.join('')
  if (all === '') throw invalidParameter('Every character is excluded.')
  const required = (request.RequireEachIncludedType ?? true) ? types : []
  if (length < required.length)
    throw invalidParameter('Password length is too short based on the required types.')
  const filled = Array.from({ length: length - required.length }, () => pick(all))
  return shuffle([...required.map(pick), ...filled]).join('')
}

function typesOf(request: z.infer<typeof RandomPasswordRequest>): string[] {
  const excluded = new Set(request.ExcludeCharacters)
  const types = [
    request.ExcludeLowercase === true ? '' : LOWER,
    request.ExcludeUppercase === true ? '' : LOWER.toUpperCase(),
    request.ExcludeNumbers === true ? '' : DIGITS,
    request.ExcludePunctuation === true ? '' : PUNCTUATION,
    request.IncludeSpace === true ? ' ' : '',
  ]
  return types
    .map((type) =>
      Array.from(type)
        .filter((char) => !excluded.has(char))
        .join(''),
    )
    .filter((type) => type !== '')
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length))
}

function shuffle(characters: readonly string[]): string[] {
  const shuffled = [...characters]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j] ?? '', shuffled[i] ?? '']
  }
  return shuffled
}
