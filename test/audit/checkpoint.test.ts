import { describe, expect, it } from 'vitest'
import { parseCheckpoint, signCheckpoint, verifyCheckpoint } from '../../src/audit/checkpoint.ts'
import { generateLogKey, logKeyFromPem, logKeyToPem, parseVerifierKey } from '../../src/audit/key.ts'
import { openNote, signNote } from '../../src/audit/note.ts'
import { EMPTY_ROOT } from '../../src/audit/tree.ts'
import { codeOf } from './code-of.ts'
import { vectorSet } from './vectors.ts'

const origin = 'example.com/firebreak'
const key = generateLogKey(origin)
const note = signCheckpoint({ origin, size: 3, root: EMPTY_ROOT }, key)

const outside = vectorSet('tlog-checkpoints')
describe.skipIf(outside.skip)('checkpoints of another log', () => {
  // The public test key of transparency-dev/tessera.
  const known = parseVerifierKey(
    'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
  )
  it.each([
    ['checkpoint.5', 5, 'gy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ='],
    ['checkpoint.12', 12, 'uZo6M+IhVna+CLgWCrJs0xBPUHbozHkYTQASduHSLME='],
  ])('%s is verified and read', (file, size, base64) => {
    const root = Buffer.from(base64, 'base64').toString('hex')
    const found = verifyCheckpoint(outside.read(file), [known])
    expect(found).toEqual({ origin: 'example.com/log/testdata', size, root, key: known })
    expect(codeOf(() => verifyCheckpoint(outside.read(file), [key]))).toBe('audit.wrong-signature')
  })
})

describe('the example of the signed-note specification', () => {
  const example =
    'This is an example message.\n\n' +
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  const known = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')

  it('is verified, but is not a checkpoint', () => {
    expect(openNote(example, [known])).toEqual({ text: 'This is an example message.\n', signedBy: [known] })
    expect(codeOf(() => verifyCheckpoint(example, [known]))).toBe('audit.bad-checkpoint')
  })
})

/** The signature lines of a note. */
function line(text: string): string {
  return text.slice(text.indexOf('\n—') + 1)
}

describe('a checkpoint of ours', () => {
  it('says what was signed', () => {
    expect(verifyCheckpoint(note, [key])).toMatchObject({ origin, size: 3, root: EMPTY_ROOT })
    expect(parseCheckpoint(note)).toEqual({ origin, size: 3, root: EMPTY_ROOT })
    expect(
      note.startsWith(`${origin}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— ${origin} `),
    ).toBe(true)
  })

  it('is refused after any byte of it was changed, removed or doubled', () => {
    const bytes = Buffer.from(note)
    const refused = ['audit.wrong-signature', 'audit.bad-note', 'audit.bad-checkpoint']
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const changed = Buffer.from(bytes)
        changed[i] = (bytes[i] ?? 0) ^ bit
        expect(refused).toContain(codeOf(() => verifyCheckpoint(changed.toString(), [key])))
      }
      const parts = [bytes.subarray(0, i), bytes.subarray(i, i + 1), bytes.subarray(i + 1)] as const
      const shorter = Buffer.concat([parts[0], parts[2]]).toString()
      const longer = Buffer.concat([parts[0], parts[1], parts[1], parts[2]]).toString()
      expect(refused).toContain(codeOf(() => verifyCheckpoint(shorter, [key])))
      expect(refused).toContain(codeOf(() => verifyCheckpoint(longer, [key])))
    }
  })

  it('stands with signatures of strangers, and falls with a false one of its own key', () => {
    const witness = generateLogKey('witness.example')
    const text = note.slice(0, note.indexOf('\n—'))
    const foreign = line(signNote(text, witness))
    expect(verifyCheckpoint(note + foreign, [key]).size).toBe(3)
    expect(openNote(note + foreign, [key, witness]).signedBy).toEqual([key, witness])
    // A known witness alone cannot speak for the log.
    expect(codeOf(() => verifyCheckpoint(`${text}\n${foreign}`, [witness]))).toBe('audit.bad-checkpoint')
    const other = line(signNote(text.replace('\n3\n', '\n4\n'), key))
    expect(codeOf(() => verifyCheckpoint(note + other, [key]))).toBe('audit.wrong-signature')
    // The same name with another key is another signer.
    const namesake = generateLogKey(origin)
    expect(verifyCheckpoint(note + line(signNote(text, namesake)), [key]).size).toBe(3)
    expect(codeOf(() => verifyCheckpoint(note, [namesake]))).toBe('audit.wrong-signature')
    expect(codeOf(() => verifyCheckpoint(note, []))).toBe('audit.wrong-signature')
  })

  it.each([
    ['a size with a leading zero', `${origin}\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
    ['a size beyond 53 bits', `${origin}\n9007199254740993\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
    ['a short root', `${origin}\n3\n47DEQg==\n`],
    [
      'an empty line among its extensions',
      `${origin}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nx\n`,
    ],
    ['too few lines', `${origin}\n3\n`],
    ['another origin than its key', 'example.com/b\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
  ])('is refused with %s, though signed', (_name, text) => {
    expect(codeOf(() => verifyCheckpoint(signNote(text, key), [key]))).toBe('audit.bad-checkpoint')
  })

  it('may carry extension lines', () => {
    const text = `${origin}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n`
    expect(verifyCheckpoint(signNote(text, key), [key]).size).toBe(3)
  })

  it('is not signed for another origin, nor with numbers that are none', () => {
    expect(codeOf(() => signCheckpoint({ origin: 'example.com/b', size: 1, root: EMPTY_ROOT }, key))).toBe(
      'audit.bad-checkpoint',
    )
    expect(codeOf(() => signCheckpoint({ origin, size: -1, root: EMPTY_ROOT }, key))).toBe(
      'audit.bad-checkpoint',
    )
    expect(codeOf(() => signCheckpoint({ origin, size: 1, root: 'ab' }, key))).toBe('audit.bad-checkpoint')
  })
})

describe('keys of a log', () => {
  it('survive PEM and text', () => {
    const again = logKeyFromPem(logKeyToPem(key), origin)
    expect(again.text).toBe(key.text)
    expect(verifyCheckpoint(note, [parseVerifierKey(` ${key.text}\n`)]).key.text).toBe(key.text)
    expect(verifyCheckpoint(signCheckpoint({ origin, size: 1, root: EMPTY_ROOT }, again), [key]).size).toBe(1)
  })

  it.each([
    ['another id', key.text.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['another name', `x${key.text}`],
    ['no id', `${origin}+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`],
    ['another signature type', 'example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['a short key', 'example.com/foo+530d903a+AekyeRrm'],
    ['nothing in it', ''],
  ])('a verifier key with %s is refused', (_name, text) => {
    expect(codeOf(() => parseVerifierKey(text))).toBe('audit.bad-key')
  })

  it('have a name without spaces and plus signs, and are Ed25519', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u00a0b']) {
      expect(codeOf(() => generateLogKey(name))).toBe('audit.bad-key')
    }
    expect(codeOf(() => logKeyFromPem('not a key', origin))).toBe('audit.bad-key')
  })
})
