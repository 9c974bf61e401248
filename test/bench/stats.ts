/** What is said of repeated measurements: never one number alone, for the machine is shared and its disk uneven. */
export type Spread = {
  readonly min: number
  readonly median: number
  readonly max: number
  readonly rounds: number
}

export type Latency = {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly samples: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    min: round(sorted[0] ?? NaN),
    median: round(at(sorted, 0.5)),
    max: round(sorted.at(-1) ?? NaN),
    rounds: values.length,
  }
}

export function latencyOf(values: readonly number[]): Latency {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    p50: round(at(sorted, 0.5)),
    p99: round(at(sorted, 0.99)),
    max: round(sorted.at(-1) ?? NaN),
    samples: values.length,
  }
}

export function median(values: readonly number[]): number {
  return at(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}

/** Nearest rank. */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

export function round(value: number): number {
  return Number(value.toPrecision(4))
}
