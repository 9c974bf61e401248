import { describe, expect, it } from 'vitest'
import { lintConfig, outlineConfig, parseConfig } from '../../src/config/load.ts'

const env = { PD: 'pd-canary', OG: 'og-canary' }
const systems = `onCall:
  pagerduty: { token: { env: PD } }
  opsgenie: { key: { env: OG }, url: https://api.eu.opsgenie.com }
`
const people = `people:
  - { id: ann, name: Ann, pagerduty: PXPGF42 }
  - { id: olga, name: Olga, opsgenie: Olga@Example.com }
`
const schedule = 'opsgenie/d875a1b4-9b4e-4219-a0b3-0c26936d18de'
const roles = `roles: { oncall: { schedules: [pagerduty/PI7DH85, ${schedule}], slackGroups: [] } }\n`
const pagerduty = (more: string) => `onCall: { pagerduty: { ${more} } }\n`

/** Each fault or warning as `code line message`. */
function found(text: string): string[] {
  return lintConfig(text, 'firebreak.yaml').map(({ code, line, message }) => `${code} ${line} ${message}`)
}

describe('on-call systems', () => {
  it('are read with their credentials as secrets, and their schedules beside the Slack groups of a role', () => {
    const config = parseConfig(`${systems}${people}${roles}`, 'firebreak.yaml', env)
    const { pagerduty, opsgenie } = config.onCall
    expect(pagerduty?.token.matches('pd-canary')).toBe(true)
    expect(opsgenie?.key.matches('og-canary')).toBe(true)
    expect(opsgenie?.url).toBe('https://api.eu.opsgenie.com')
    expect(config.groups).toEqual({ oncall: ['pagerduty/PI7DH85', schedule] })
    expect(JSON.stringify(config)).not.toContain('canary')
  })

  it('know people by their ids, a mail address in small letters', () => {
    const config = parseConfig(`${systems}${people}${roles}`, 'firebreak.yaml', env)
    expect(config.people).toMatchObject([{ pagerduty: 'PXPGF42' }, { opsgenie: 'olga@example.com' }])
  })

  it('need not be there', () => {
    expect(parseConfig('', 'firebreak.yaml', {}).onCall).toEqual({})
  })

  it('give a role to as many persons as have an id of them, for playbooks that count persons', () => {
    const one = roles.replace(`, ${schedule}`, '')
    expect(outlineConfig(`${systems}${people}${one}`, 'firebreak.yaml')?.roles).toMatchObject({ oncall: 1 })
    expect(outlineConfig(`${systems}${people}${roles}`, 'firebreak.yaml')?.roles).toMatchObject({ oncall: 2 })
  })

  it.each<[string, string, RegExp]>([
    [
      'a schedule of a system that is not configured',
      `${people}roles: { oncall: { schedules: [pagerduty/PI7DH85] } }`,
      /unknown-name 4 .*no onCall\.pagerduty/,
    ],
    [
      'a schedule without its system',
      `${systems}roles: { oncall: { schedules: [PI7DH85] } }`,
      /bad-value 4 .*SYSTEM\/ID/,
    ],
    ['an unknown system', 'onCall: { victorops: {} }', /unknown-key 1 .*victorops/],
    ['a token in the file', pagerduty('token: u+abcdefgh'), /literal-secret 1/],
    ['a key in the file', 'onCall: { opsgenie: { key: eb24 } }', /literal-secret 1/],
    ['no token', pagerduty(''), /bad-value 1 .*token/],
    [
      'plain HTTP to another machine',
      pagerduty('token: { env: PD }, url: "http://example.com"'),
      /bad-value 1 onCall\.pagerduty\.url: it is plain HTTP to another machine/,
    ],
    [
      'a metadata address',
      pagerduty('token: { env: PD }, url: "https://169.254.169.254"'),
      /bad-value 1 .*metadata/,
    ],
    [
      'one PagerDuty user for two persons',
      'people: [{ id: a, name: A, pagerduty: PXPGF42 }, { id: b, name: B, pagerduty: PXPGF42 }]',
      /duplicate 1 people\[1\]\.pagerduty is the same as people\[0\]\.pagerduty/,
    ],
    [
      'one Opsgenie user for two persons, in another case',
      'people: [{ id: a, name: A, opsgenie: a@b.c }, { id: b, name: B, opsgenie: A@B.C }]',
      /duplicate 1 people\[1\]\.opsgenie/,
    ],
    ['the name of a PagerDuty user', 'people: [{ id: a, name: A, pagerduty: Ann }]', /bad-value 1 .*PXPGF42/],
    [
      'an Opsgenie user without a mail address',
      'people: [{ id: a, name: A, opsgenie: a }]',
      /bad-value 1 .*mail/,
    ],
  ])('are refused with %s', (_, text, fault) => {
    expect(found(text)).toEqual([expect.stringMatching(fault)])
  })

  it('may be asked on this machine without TLS', () => {
    expect(found(pagerduty('token: { env: PD }, url: "http://127.0.0.1:9"'))).toEqual([])
  })

  it('that know none of the people warn of a role that nobody can have', () => {
    const text = `${systems}people: [{ id: ann, name: Ann, roles: [approver, responder] }]\n${roles}`
    expect(found(text).filter((line) => line.includes('the role oncall'))).toEqual([
      expect.stringMatching(/unknown-name 5 nobody can have the role oncall by pagerduty\/PI7DH85/),
      expect.stringMatching(/unknown-name 5 .*by opsgenie/),
    ])
    expect(lintConfig(text, 'firebreak.yaml').every(({ severity }) => severity === 'warning')).toBe(true)
  })

  it('need their secrets at a start, and not for lint', () => {
    expect(() => parseConfig(systems, 'firebreak.yaml', {})).toThrow(
      /onCall\.pagerduty\.token.*PD is not set/,
    )
    expect(found(`${systems}${people}${roles}`).filter((line) => line.includes('onCall'))).toEqual([])
  })
})
