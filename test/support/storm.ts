import type { Fact } from '../../src/core/fact.ts'

/** Where the alerts of a storm go, and the budgets that hold them in. */
export function stormConfig(playbook: string, budgets: readonly object[]): object {
  const [input, label] = ['thing', '${{ alert.labels[?"lamp"].orValue("none") }}']
  const route = {
    name: 'lamps',
    source: 'alertmanager',
    match: { alertname: 'LampOn' },
    mode: 'auto',
    playbook,
    inputs: { [input]: label },
  }
  return {
    alerts: { sources: { alertmanager: { auth: 'none' } }, routes: [route] },
    guardrails: { budgets },
  }
}

/** Alerts as Alertmanager sends them, `count` in all about so many targets, in bodies of a hundred. */
export function alertBodies(count: number, targets: number): Buffer[] {
  const alerts = Array.from({ length: count }, (_, i) => ({
    status: 'firing',
    labels: { alertname: 'LampOn', lamp: `lamp-${i % targets}`, instance: `probe-${i}` },
    annotations: {},
    startsAt: '2030-01-01T00:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: i.toString(16).padStart(16, '0'),
  }))
  return Array.from({ length: Math.ceil(count / 100) }, (_, i) =>
    Buffer.from(
      JSON.stringify({
        version: '4',
        groupKey: '{}',
        truncatedAlerts: 0,
        status: 'firing',
        receiver: 'firebreak',
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        externalURL: '',
        alerts: alerts.slice(i * 100, (i + 1) * 100),
      }),
    ),
  )
}

/** The most effects that were begun within any such time. */
export function mostWithin(facts: readonly Fact[], ms: number): number {
  const times = facts.flatMap(({ type, time }) => (type === 'step.intended' ? [Date.parse(time)] : []))
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length))
}

/** The most effects that were under way at once, by the order of the log. */
export function mostAtOnce(facts: readonly Fact[]): number {
  const open = new Set<string>()
  let most = 0
  for (const { type, run, step, ...fact } of facts) {
    const name = `${run} ${step}`
    if (type === 'step.intended') open.add(name)
    if (type === 'step.succeeded' || type === 'step.failed') open.delete(name)
    if (type === 'step.probed' && 'verdict' in fact.data && fact.data.verdict === 'absent') open.delete(name)
    most = Math.max(most, open.size)
  }
  return most
}

/** Targets on which more than one run had an intent before the other's end, by the order of the log. */
export function sharedTargets(facts: readonly Fact[]): string[] {
  const holders = new Map<string, string>()
  const shared: string[] = []
  for (const fact of facts) {
    if (fact.type === 'step.intended') {
      const { id } = fact.data.change.target
      const holder = holders.get(id)
      if (holder !== undefined && holder !== fact.run) shared.push(id)
      holders.set(id, fact.run ?? '')
    }
    if (/^run\.(succeeded|failed|cancelled|rejected|expired)$/.test(fact.type))
      for (const [id, run] of holders) if (run === fact.run) holders.delete(id)
  }
  return shared
}
