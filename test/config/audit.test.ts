import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigFault } from '../../src/config/fault.ts'
import { parseConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/core/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-config-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'firebreak.yaml')
writeFileSync(join(folder, 'token'), 'from-a-file\n')
const env = { BOT: 'xoxb-canary', APP: 'xapp-canary', AWS_SECRET: 'aws-canary', ALERTS: 'alerts-canary' }

function faults(text: string): string[] {
  try {
    parseConfig(text, file, env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`)
  }
}

function one(sink: string): string {
  return `audit: { sinks: { it: ${sink} } }`
}

function retention(text: string) {
  return parseConfig(`audit: { retention: ${text} }`, file, {}).audit.retention
}

function bucket(more: string) {
  const anchor = `{ kind: s3, bucket: my-anchors, region: eu-central-1${more} }`
  return parseConfig(`audit: { anchors: { far: ${anchor} } }`, file, env).audit.anchors[0]
}

describe('the audit part of firebreak.yaml', () => {
  const audit = `
slack: { botToken: { env: BOT }, appToken: { env: APP }, channel: C, auditChannel: C0AUDIT }
audit:
  origin: example.com/log
  sinks:
    copy: { kind: file, path: log/audit.jsonl }
    search: { kind: elasticsearch, url: "https://es.example.com:9200", user: fire, password: { env: AWS_SECRET }, ca: { file: token } }
    dd: { kind: datadog, site: datadoghq.eu, apiKey: { env: ALERTS }, tags: [env:prod], every: 5s, timeout: 1m, batch: 100 }
    siem: { kind: syslog, host: siem.example.com, tls: { ca: { file: token } } }
    plain: { kind: syslog, host: siem.example.com, port: 601, tls: false }
    hook: { kind: http, url: "https://example.com/in", headers: { Authorization: { env: ALERTS }, x-team: sec }, hmac: { env: BOT } }
  anchors:
    disk: { kind: file, folder: ../anchors }
    talk: { kind: slack }
    other: { kind: slack, channel: C0OTHER }
`

  it('gives sinks with paces, absolute paths and secrets that never print', () => {
    const { sinks, anchors } = parseConfig(audit, file, env).audit
    const secret = expect.any(Secret)
    const pace = { everyMs: 1000, timeoutMs: 30_000 }
    expect(sinks).toMatchObject([
      { name: 'copy', kind: 'file', path: join(folder, 'log/audit.jsonl'), ...pace },
      { name: 'search', index: 'firebreak-audit', user: 'fire', password: secret, ca: secret },
      { name: 'dd', site: 'datadoghq.eu', everyMs: 5000, timeoutMs: 60_000, batch: 100, apiKey: secret },
      {
        name: 'siem',
        host: 'siem.example.com',
        port: 6514,
        facility: 13,
        maxMessage: 8192,
        tls: { ca: secret },
      },
      { name: 'plain', port: 601 },
      { name: 'hook', format: 'array', headers: { Authorization: secret, 'x-team': 'sec' }, hmac: secret },
    ])
    expect(sinks[4]).not.toHaveProperty('tls')
    expect(anchors).toEqual([
      { name: 'disk', kind: 'file', folder: join(folder, '../anchors') },
      { name: 'talk', kind: 'slack', channel: 'C0AUDIT' },
      { name: 'other', kind: 'slack', channel: 'C0OTHER' },
    ])
    expect(inspect(sinks, { depth: 9 })).not.toMatch(/canary|from-a-file/)
  })

  it('may be absent', () => {
    expect(parseConfig('', file, {}).audit).toEqual({
      origin: 'firebreak.local/log',
      sinks: [],
      anchors: [],
      retention: { bodiesMs: 90 * 86_400_000 },
    })
  })

  it('keeps bodies as long as it says, or for ever', () => {
    expect(retention('{ bodies: 30d }')).toEqual({ bodiesMs: 30 * 86_400_000 })
    expect(retention('{ never: true }')).toBeUndefined()
    expect(faults('audit: { retention: { bodies: 23h } }')).toEqual(['config.bad-value 1:31'])
  })

  it('takes the audit channel of Slack for an anchor, unless another one of that kind is named', () => {
    const slack =
      'slack: { botToken: { env: BOT }, appToken: { env: APP }, channel: C, auditChannel: C0AUDIT }'
    const anchors = (text: string) => parseConfig(`${slack}\n${text}`, file, env).audit.anchors
    expect(anchors('')).toEqual([{ name: 'slack', kind: 'slack', channel: 'C0AUDIT' }])
    expect(anchors('audit: { anchors: { slack: { kind: file, folder: a } } }')).toMatchObject([
      { name: 'slack', kind: 'file' },
      { name: 'slack-audit', kind: 'slack', channel: 'C0AUDIT' },
    ])
  })

  it('takes a bucket with object lock, with credentials or with those of the machine', () => {
    expect(bucket('')).toEqual({
      name: 'far',
      kind: 's3',
      bucket: 'my-anchors',
      prefix: 'firebreak/',
      place: 's3://my-anchors/firebreak/',
      region: 'eu-central-1',
      retainDays: 365,
      mode: 'COMPLIANCE',
    })
    const credentials = 'credentials: { accessKeyId: AKIA1, secretAccessKey: { env: AWS_SECRET } }'
    const full = bucket(
      `, prefix: "", retainDays: 7, mode: GOVERNANCE, endpoint: "https://s3.local", ${credentials}`,
    )
    expect(full).toMatchObject({
      prefix: '',
      retainDays: 7,
      mode: 'GOVERNANCE',
      endpoint: 'https://s3.local',
      credentials: { accessKeyId: 'AKIA1', secretAccessKey: expect.any(Secret) },
    })
    expect(inspect(full, { depth: 9 })).not.toContain('canary')
  })

  it.each<[string, string, string[]]>([
    ['a kind that there is not', one('{ kind: kafka }'), ['config.bad-value 1:31']],
    ['an unknown key', one('{ kind: file, path: a, mode: 1 }'), ['config.unknown-key 1:46']],
    ['a key in the file', one('{ kind: datadog, apiKey: abc }'), ['config.literal-secret 1:48']],
    [
      'a header that is a secret',
      one('{ kind: http, url: "https://a.example", headers: { Authorization: Bearer x } }'),
      ['config.literal-secret 1:89'],
    ],
    [
      'a password in an address',
      one('{ kind: http, url: "https://a:b@a.example" }'),
      ['config.bad-value 1:42'],
    ],
    ['a metadata service', one('{ kind: http, url: "http://169.254.169.254/x" }'), ['config.bad-value 1:42']],
    [
      'a metadata service as a host',
      one('{ kind: syslog, host: "fd00:ec2::254" }'),
      ['config.bad-value 1:45'],
    ],
    ['another protocol', one('{ kind: http, url: "ftp://a.example" }'), ['config.bad-value 1:42']],
    [
      'a user without password',
      one('{ kind: elasticsearch, url: "https://a.example", user: a }'),
      ['config.bad-value 1:23'],
    ],
    [
      'a bucket over plain HTTP',
      'audit: { anchors: { it: { kind: s3, bucket: abc, region: eu-west-1, endpoint: "http://s3.example" } } }',
      ['config.bad-value 1:79'],
    ],
    [
      'a secret key of a bucket in the file',
      'audit: { anchors: { it: { kind: s3, bucket: abc, region: eu-west-1, credentials: { accessKeyId: A, secretAccessKey: b } } } }',
      ['config.literal-secret 1:117'],
    ],
    ['an anchor in no Slack', 'audit: { anchors: { it: { kind: slack } } }', ['config.bad-value 1:25']],
  ])('refuses %s at its place', (_name, text, expected) => {
    expect(faults(text)).toEqual(expected)
  })
})

describe('the README', () => {
  it('shows audit parts that load', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const examples = [...readme.matchAll(/```yaml\n(audit:\n[^`]*)```/g)].map(([, text = '']) => text)
    expect(examples.length).toBeGreaterThan(1)
    const all = { ...env, ES_API_KEY: 'a', DD_API_KEY: 'b', HOOK_KEY: 'c' }
    const slack = 'slack: { botToken: { env: BOT }, appToken: { env: APP }, channel: C }\n'
    writeFileSync(join(folder, 'siem-ca.pem'), 'pem\n')
    for (const text of examples) expect(parseConfig(slack + text, file, all).audit.origin).not.toBe('')
  })
})
