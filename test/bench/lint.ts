import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { atLeast, atMost, type Figure } from './figure.ts'
import type { LintMeasured } from './lint-process.ts'
import { round } from './stats.ts'

const script = fileURLToPath(new URL('./lint-process.ts', import.meta.url))

/** The checker: a thousand playbooks of twenty steps, one playbook, one expression. */
export function lintFigures(): Figure[] {
  const measured: LintMeasured = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))
  const { thousandMs, maxRssMiB, firstMs, referencesPerSecond, conditionsPerSecond } = measured
  const warmMs = Math.max(...measured.warmMs)
  const figures = [
    { name: 'lint, 1,000 playbooks of 20 steps', value: thousandMs, budget: atMost(5000, thousandMs, 'ms') },
    { name: 'lint, slowest of 50 single playbooks', value: warmMs, budget: atMost(50, warmMs, 'ms') },
    { name: 'lint, first playbook of a process', value: firstMs },
  ].map((figure): Figure => ({ unit: 'ms', ...figure, value: round(figure.value) }))
  return [
    ...figures,
    {
      name: 'lint, memory of that process',
      unit: 'MiB',
      value: round(maxRssMiB),
      budget: atMost(300, maxRssMiB, 'MiB'),
    },
    rate('expression that is a reference', referencesPerSecond),
    rate('expression that compares', conditionsPerSecond),
  ]
}

function rate(name: string, value: number): Figure {
  return { name, unit: '/s', value: round(value), budget: atLeast(200_000, value, '/s') }
}
