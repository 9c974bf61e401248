import { performance } from 'node:perf_hooks'
import { actions } from '../../src/actions/index.ts'
import { checkExpression, createScope, evaluate, int, objectOf, string } from '../../src/expr/index.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'

// What checking costs: a thousand playbooks of twenty steps, one playbook in a warm process, one expression. In a process
// of its own, because its memory is part of the figure. Prints JSON.

export type LintMeasured = {
  readonly thousandMs: number
  readonly maxRssMiB: number
  readonly firstMs: number
  readonly warmMs: readonly number[]
  readonly referencesPerSecond: number
  readonly conditionsPerSecond: number
}

/** Twenty steps of the usual kinds; the names differ, so that nothing is known from the playbook before. */
function playbook(n: number): string {
  const chains = Array.from({ length: 6 }, (_, i) => chain(i)).join('')
  return `name: bench-${n}
title: Bench ${n}
severity: low
because: leak
inputs:
  id${n}: { type: string, pattern: "^AKIA[A-Z0-9]{16}$", description: Key }
  namespace: { type: string, pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description: Namespace }
  names: { type: array, items: { type: string, minLength: 1, maxLength: 63 }, description: Names }
steps:
  owner: { action: aws.find-access-key, with: { accessKeyId: "\${{ inputs.id${n} }}" } }
  off: { action: aws.deactivate-access-key, with: { userName: "\${{ steps.owner.userName }}", accessKeyId: "\${{ inputs.id${n} }}" }, approve: { from: approver } }
${chains}`
}

function chain(i: number): string {
  return `  found${i}: { action: kubernetes.find-gpu-workloads, with: { namespace: "\${{ inputs.namespace }}" } }
  down${i}: { forEach: "\${{ steps.found${i}.workloads.filter(w, w.name in inputs.names) }}", action: kubernetes.scale, after: [${i === 0 ? 'off' : `down${i - 1}`}], with: { namespace: "\${{ inputs.namespace }}", kind: "\${{ item.kind }}", name: "\${{ item.name }}", replicas: 0 } }
  told${i}: { when: steps.down${i}.size() > ${i}, action: slack.post, with: { channel: incidents, text: "\${{ steps.down${i}.map(d, d.name).join(', ') }} of \${{ inputs.namespace }} are down" } }
`
}

const texts = Array.from({ length: 1000 }, (_, n) => playbook(n))

const cold = timed(() => load(0))
const all = timed(() => texts.forEach((_, n) => load(n)))
const warm = Array.from({ length: 50 }, (_, n) => timed(() => load(n))).toSorted((a, b) => a - b)

function load(n: number): void {
  const loaded = loadPlaybook(texts[n] ?? '', `bench-${n}.yaml`, actions)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics[0]))
  if (loaded.playbook.steps.length !== 20) throw new Error('not twenty steps')
}

function timed(run: () => void): number {
  const from = performance.now()
  run()
  return performance.now() - from
}

function evaluationsPerSecond(source: string): number {
  const scope = createScope({ inputs: objectOf({ count: int(0, 100), name: string }) })
  const checked = checkExpression(source, scope)
  if (!checked.ok) throw new Error(checked.problems[0]?.message)
  const { expression } = checked
  const values = { inputs: { count: 7, name: 'rosa' } }
  const once = () => {
    for (let i = 0; i < 100_000; i++) evaluate(expression, values)
  }
  once()
  return Math.round(100_000 / (timed(once) / 1000))
}

const measured: LintMeasured = {
  thousandMs: all,
  maxRssMiB: process.resourceUsage().maxRSS / 1024,
  firstMs: cold,
  warmMs: warm,
  referencesPerSecond: evaluationsPerSecond('inputs.name'),
  conditionsPerSecond: evaluationsPerSecond('inputs.count > 3 && inputs.name != "amir"'),
}
process.stdout.write(JSON.stringify(measured))
