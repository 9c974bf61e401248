import type { Latency, Spread } from './stats.ts'

/** One line of the report. */
export type Figure = {
  readonly name: string
  readonly unit: string
  /** What is compared with the budget. */
  readonly value: number
  readonly spread?: Spread | Latency
  /** What this machine can do at best, measured in the same run, and the value's ratio to it. */
  readonly reference?: { readonly what: string; readonly value: number; readonly ratio: number }
  readonly budget?: Budget
  readonly note?: string
}

export type Budget = { readonly text: string; readonly holds: boolean }

/** A figure that could not be measured, and why. It holds no budget. */
export type Missing = { readonly name: string; readonly missing: string }

export function atMost(limit: number, value: number, unit: string): Budget {
  return { text: `≤ ${limit} ${unit}`, holds: value <= limit }
}

export function atLeast(limit: number, value: number, unit: string): Budget {
  return { text: `≥ ${limit} ${unit}`, holds: value >= limit }
}

export function table(figures: readonly (Figure | Missing)[]): string {
  return figures.map(line).join('\n')
}

function line(figure: Figure | Missing): string {
  if ('missing' in figure) return `?  ${figure.name.padEnd(58)} not measured: ${figure.missing}`
  const { name, value, unit, budget, spread, reference, note } = figure
  const mark = budget === undefined ? '  ' : budget.holds ? 'ok' : 'NO'
  const said = [
    budget?.text,
    reference && `${reference.ratio} × ${reference.what} (${reference.value})`,
    spread &&
      Object.entries(spread)
        .map(([key, part]) => `${key} ${part}`)
        .join(' '),
    note,
  ]
  const rest = said.filter((part) => part !== undefined).join(' · ')
  return `${mark} ${name.padEnd(58)} ${`${value} ${unit}`.padStart(16)}  ${rest}`
}
