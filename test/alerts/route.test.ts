import { describe, expect, it } from 'vitest'
import { decide } from '../../src/alerts/route.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Alert } from '../../src/core/alert.ts'

const { alerts } = parseConfig(
  `
alerts:
  sources: { alertmanager: { auth: none }, lab: { auth: none } }
  routes:
    - { name: noise, source: alertmanager, match: { severity: info }, mode: ignore }
    - name: gpu
      source: alertmanager
      match: { alertname: [GpuHot, GpuCompromised], constructor: x }
      mode: auto
      playbook: never
    - name: gpu2
      source: alertmanager
      match: { alertname: [GpuHot, GpuCompromised] }
      mode: auto
      playbook: compromised-gpu-endpoint
      inputs:
        namespace: '\${{ alert.labels[?"namespace"].orValue("none") }}'
        pod: '\${{ alert.labels[?"pod"] }}'
        why: '\${{ alert.name }} of \${{ alert.source }} (\${{ alert.status }}, \${{ alert.severity }}) since \${{ alert.startsAt }}'
        note: '\${{ alert.annotations[?"summary"].orValue("") }}'
        labels: '\${{ alert.labels }}'
        hosts: ['\${{ alert.name }}', 7]
        replicas: 0
        options: { literal: '\${{ not an expression }}' }
    - name: keys
      source: alertmanager
      match: { alertname: KeyLeaked }
      mode: propose
      playbook: leaked-aws-key
    - name: keys-lab
      source: lab
      match: { alertname: KeyLeaked }
      mode: auto
      playbook: leaked-aws-key
      approve: { from: security, count: 2, within: 1h }
`,
  '/srv/firebreak.yaml',
  {},
)

function alert(labels: Record<string, string>, change: Partial<Alert> = {}): Alert {
  return {
    source: 'alertmanager',
    fingerprint: 'f',
    status: 'firing',
    name: labels['alertname'] ?? 'unnamed',
    labels,
    annotations: {},
    startsAt: '2026-01-01T00:00:00Z',
    truncated: 0,
    ...change,
  }
}

describe('routes', () => {
  it.each<[string, Alert, string, string | undefined]>([
    ['the first match', alert({ alertname: 'GpuHot', severity: 'info' }), 'ignore', 'noise'],
    ['any of several values', alert({ alertname: 'GpuCompromised' }), 'auto', 'gpu2'],
    ['a resolved alert', alert({ alertname: 'GpuHot' }, { status: 'resolved' }), 'ignore', undefined],
    ['no match', alert({ alertname: 'Other' }), 'ignore', undefined],
    ['no label', alert({}), 'ignore', undefined],
    ['case', alert({ alertname: 'gpuhot' }), 'ignore', undefined],
    ['another source', alert({ alertname: 'GpuHot' }, { source: 'lab' }), 'ignore', undefined],
    ['propose', alert({ alertname: 'KeyLeaked' }), 'propose', 'keys'],
  ])('%s', (...[, given, decision, route]) => {
    const decided = decide(given, alerts.routes)
    expect(decided).toMatchObject({ decision, reason: expect.stringMatching(/\w/) })
    expect(decided.route).toBe(route)
  })

  it('hand the alert to the playbook as data, whatever is in it', () => {
    const labels = { alertname: 'GpuHot', namespace: '${{ 1 + 1 }} <!channel>', __proto__x: '"' }
    const decided = decide(alert(labels, { annotations: { summary: '{{ x }}' } }), alerts.routes)
    expect(decided).toMatchObject({ decision: 'auto', playbook: 'compromised-gpu-endpoint' })
    expect('inputs' in decided && decided.inputs).toEqual({
      namespace: '${{ 1 + 1 }} <!channel>',
      why: 'GpuHot of alertmanager (firing, ) since 2026-01-01T00:00:00Z',
      note: '{{ x }}',
      labels,
      hosts: ['GpuHot', 7],
      replicas: 0,
      options: { literal: '${{ not an expression }}' },
    })
    expect('gate' in decided).toBe(false)
  })

  it('give the run a gate: always when they propose, else where they say so', () => {
    const proposed = decide(alert({ alertname: 'KeyLeaked' }), alerts.routes)
    expect(proposed).toMatchObject({
      gate: { scope: 'run', from: 'approver', count: 1, withinMs: 1_800_000 },
    })
    const auto = decide(alert({ alertname: 'KeyLeaked' }, { source: 'lab' }), alerts.routes)
    expect(auto).toMatchObject({ gate: { scope: 'run', from: 'security', count: 2, withinMs: 3_600_000 } })
  })
})
