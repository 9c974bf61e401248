import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { scrub } from '../../../src/core/scrub/scrub.ts'

// Secrets and near misses of a known secret scanner. Its own rules say which part of a text is the secret.

const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../../shared/data')
const folder = join(shared, 'redaction')
const absent = !existsSync(folder)
if (absent && process.env['CI']) throw new Error(`shared data is absent: ${folder}`)
if (absent) console.log(`SKIPPED shared data: ${folder} not found`)

type Line = { readonly id: string; readonly rule: string; readonly text: string }

function lines(name: string): Line[] {
  if (absent) return []
  const texts = readFileSync(join(folder, `gitleaks_${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  return texts.map((line) => {
    const { id, rule, text_b64: coded } = JSON.parse(line)
    return { id, rule, text: Buffer.from(coded, 'base64').toString('utf8') }
  })
}

/** The pattern and the group of the secret, by the name of the rule. */
function rules(): Map<string, { readonly regex: string; readonly group: number }> {
  const found = new Map<string, { regex: string; group: number }>()
  if (absent) return found
  for (const rule of readFileSync(join(folder, 'gitleaks.toml'), 'utf8').split('[[rules]]')) {
    const id = /^id = "(.+)"/m.exec(rule)?.[1]
    const regex = /^regex = '''(.+)'''/m.exec(rule)?.[1]
    const group = Number(/^secretGroup = (\d+)/m.exec(rule)?.[1] ?? 0)
    if (id !== undefined && regex !== undefined) found.set(id, { regex, group })
  }
  return found
}

/** The secret of a text, as the scanner sees it: the group of its rule, else the first group that took part. */
function secretIn({ rule, text }: Line, all: ReturnType<typeof rules>): string | undefined {
  const known = all.get(rule)
  if (known === undefined) return undefined
  const matcher = RE2JS.compile(known.regex).matcher(text)
  if (!matcher.find()) return undefined
  const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1))
  const secret = known.group > 0 ? groups[known.group - 1] : groups.find((group) => group)
  return secret ?? matcher.group(0) ?? undefined
}

const positives = lines('true_positives')
const misses = lines('false_positives')
const readable = misses.filter(({ text }) => scrub(text) === text)
const share = ((100 * readable.length) / Math.max(1, misses.length)).toFixed(1)

describe.skipIf(absent)('the secrets and near misses of a scanner', () => {
  it(`of ${positives.length} secrets none is left readable`, () => {
    expect(positives.length).toBeGreaterThan(100)
    expect(positives.filter(({ text }) => scrub(text) === text).map(({ id }) => id)).toEqual([])
  })

  it('and what is taken out is the secret itself, by the rules of the scanner', () => {
    const all = rules()
    const judged = positives.map((line) => ({
      id: line.id,
      secret: secretIn(line, all),
      out: scrub(line.text),
    }))
    const known = judged.filter(({ secret }) => secret !== undefined)
    expect(known.length).toBeGreaterThan(positives.length * 0.85)
    const leaks = known.filter(({ secret = '', out }) => out.includes(secret))
    expect(leaks.map(({ id }) => id)).toEqual([])
  })

  it(`of ${misses.length} near misses ${readable.length} (${share} %) are left readable`, () => {
    expect(readable.length / misses.length).toBeGreaterThanOrEqual(0.95)
  })
})

describe('the replacement', () => {
  it('says what it was, and leaves the text around it', () => {
    expect(scrub(`remote: token ghp_${'a1B2c3D4e5F6'.repeat(3)} was pushed`)).toBe(
      'remote: token [redacted: GitHub token] was pushed',
    )
    expect(scrub('postgres://bot:Tr0ub4dor&3@db:5432/x')).toBe(
      'postgres://bot:[redacted: password of an address]@db:5432/x',
    )
  })

  it('never takes the id of an AWS access key, which names a key and opens nothing', () => {
    for (const text of [
      'access_key: AKIAIOSFODNN7EXAMPLE',
      'key AKIAQRSTUVWXYZ234567 of arn:aws:iam::1:user/x',
    ])
      expect(scrub(text)).toBe(text)
  })

  it('leaves names of secrets, digests, ids and times alone', () => {
    const texts = [
      'rotate prod/inference-gateway and prod/api-v2-gateway',
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '{"digest":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","time":"2026-07-22T10:00:00.000Z"}',
      'version 3f2504e0-4f89-41d3-9a0c-0305e82c3301 of arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/x-AbCdEf',
      'secret: prod/inference-gateway-2',
      '{"nextToken":"a1b2c3d4e5f6a7b8c9d0"}',
      'the password is wrong, the token has expired, authorization: denied',
    ]
    for (const text of texts) expect(scrub(text)).toBe(text)
  })
})
