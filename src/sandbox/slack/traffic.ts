import type { Rec } from './record.ts'

/** One thing that crossed the wire, for the inspector of the page. */
export type Crossing = {
  n: number
  time: number
  /** `to-app`: what Slack sent. `from-app`: what the app called, answered or posted. */
  direction: 'to-app' | 'from-app'
  kind: string
  summary: string
  detail: Rec
}

/** One Web API call, in order of arrival. `args` are decoded; tokens are not kept. */
export type Call = { method: string; args: Rec; time: number; ok: boolean; error?: string }

export type Traffic = {
  readonly calls: Call[]
  readonly crossings: Crossing[]
  add(crossing: Omit<Crossing, 'n' | 'time'>): void
}

const kept = 400

export function createTraffic(now: () => number): Traffic {
  let n = 0
  const crossings: Crossing[] = []
  return {
    calls: [],
    crossings,
    add: (crossing) => {
      n += 1
      crossings.push({ n, time: now(), ...crossing })
      if (crossings.length > kept) crossings.shift()
    },
  }
}
