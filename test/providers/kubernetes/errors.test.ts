import { ApiException } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { FirebreakError } from '../../../src/core/errors.ts'
import { isFailedTest, kubernetesError } from '../../../src/providers/kubernetes/errors.ts'
import { recording } from '../../sandbox/kubernetes/recording.ts'

const CANARY = 'canary-3f9a-value'

/** As the client throws it: the body is text, but for 401, where there is none. */
function thrown(code: number, body: unknown): ApiException<unknown> {
  return new ApiException(
    code,
    'Unknown API Status Code!',
    code === 401 ? undefined : JSON.stringify(body),
    {},
  )
}

function status(reason: string, message: string, details: object = {}): object {
  return { kind: 'Status', status: 'Failure', reason, message, details }
}

test.each([
  [401, 'provider.denied'],
  [403, 'provider.denied'],
  [404, 'provider.not-found'],
  [409, 'provider.conflict'],
  [400, 'provider.invalid'],
  [415, 'provider.invalid'],
  [422, 'provider.invalid'],
  [429, 'provider.throttled'],
  [500, 'provider.unavailable'],
  [503, 'provider.unavailable'],
  [504, 'provider.timeout'],
] as const)('HTTP %i is %s', (code, expected) => {
  expect(kubernetesError('get pods', thrown(code, status('X', 'y'))).code).toBe(expected)
})

test.each([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': new Date(Date.now() - 5000).toUTCString() }, 0],
  [{ 'retry-after': CANARY }, undefined],
  [{}, undefined],
  [undefined, undefined],
])('how long the server asks to wait is kept: %j', (headers, ms) => {
  const error = Object.assign(thrown(429, status('TooManyRequests', 'y')), { headers })
  expect(kubernetesError('get pods', error).retryAfterMs).toBe(ms)
})

test('a missing right is named, with verb, resource, group and namespace', () => {
  const message =
    'deployments.apps "web" is forbidden: User "bot" cannot patch resource "deployments/scale" in API group "apps" in the namespace "prod"'
  const error = kubernetesError('scale', thrown(403, status('Forbidden', message)))
  expect(error.message).toContain('may not patch deployments/scale (apps) in prod')
})

test('the fields that are wrong are named, their values are not', () => {
  const causes = [
    { reason: 'FieldValueInvalid', field: 'spec.replicas', message: `Invalid value: ${CANARY}` },
  ]
  const error = kubernetesError('scale', thrown(422, status('Invalid', CANARY, { causes })))
  expect(error.message).toContain('spec.replicas')
  expect(error.message).not.toContain(CANARY)
})

test.each([
  ['a body that is no JSON', `<html>${CANARY}</html>`],
  ['a body of another shape', JSON.stringify({ reason: { a: CANARY }, message: [CANARY], details: CANARY })],
  ['a reason that is no word', JSON.stringify({ reason: `${CANARY} and more` })],
  ['no body', undefined],
])('%s gives a short error without its text', (_what, body) => {
  const error = kubernetesError('get pods', new ApiException(500, CANARY, body, { token: CANARY }))
  expect(error.code).toBe('provider.unavailable')
  expect(JSON.stringify([error.message, error.remedy])).not.toContain(CANARY)
})

test('a broken connection is told by its code, a deadline as a deadline', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const error = kubernetesError('get pods', new TypeError('fetch failed', { cause: refused }))
  expect(error).toMatchObject({ code: 'provider.unavailable' })
  expect(error.message).toContain('ECONNREFUSED')
  const late = kubernetesError('get pods', new DOMException('late', 'TimeoutError'))
  expect(late.code).toBe('provider.timeout')
})

test('a failed test of a JSON patch is told from a refusal of its content', () => {
  expect(isFailedTest(thrown(422, status('Invalid', 'the server rejected our request')))).toBe(true)
  const causes = [{ field: 'spec.selector' }]
  expect(isFailedTest(thrown(422, status('Invalid', 'field is immutable', { causes })))).toBe(false)
  expect(isFailedTest(thrown(409, status('Conflict', 'x')))).toBe(false)
})

const recorded = recording()
describe.skipIf(recorded === undefined)('every recorded failure', () => {
  function bodyOf(id: number): unknown {
    return recorded?.find((exchange) => exchange.id === id)?.responseBody
  }
  const failures = (recorded ?? []).filter((exchange) => exchange.status >= 400)
  test('becomes a short error of a known code, without the body', () => {
    expect(failures.length).toBeGreaterThan(20)
    for (const { status, responseBody } of failures) {
      const error = kubernetesError('call', thrown(status, responseBody))
      expect(error).toBeInstanceOf(FirebreakError)
      expect(error.code).toMatch(/^provider\./)
      expect(error.message.length).toBeLessThan(250)
      expect(error.message).not.toContain('managedFields')
    }
  })

  test('the recorded failing test of a JSON patch is recognised, the recorded wrong selector is not', () => {
    expect(isFailedTest(thrown(422, bodyOf(13)))).toBe(true)
    expect(isFailedTest(thrown(422, bodyOf(97)))).toBe(false)
  })
})
