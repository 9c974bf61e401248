import type { Gate } from '../core/plan.ts'
import { type Stretch, stretchesOf } from '../core/recurring.ts'
import type { Window } from '../core/rules.ts'
import type { Ruling } from '../core/ruling.ts'
import { type Acting, fitsAbout, type Fits } from './about.ts'
import { gateOf } from './gate.ts'
import { clockOf } from './time-words.ts'

/** A window, ready to be asked. */
export type Shutter = {
  readonly window: Window
  readonly key: string
  readonly fits: Fits
  /** Whether it is shut at a moment, and until when. */
  readonly at: (now: number) => Shut
  /** A moment in words, by the clock of the window. */
  readonly clock: (moment: number) => string
}

type Shut = { readonly shut: boolean; readonly until: number }

export function shutterOf(window: Window): Shutter {
  const { name, during, outside, about } = window
  const stretch = remembered('cron' in during ? stretchesOf(during) : once(during))
  return {
    window,
    key: `window/${name}`,
    fits: fitsAbout(about),
    at: (now) => {
      const { inside, until } = stretch(now)
      return { shut: inside !== outside, until }
    },
    clock: clockOf('cron' in during ? during.timezone : 'UTC'),
  }
}

function once({ from, until }: { readonly from: number; readonly until: number }): (now: number) => Stretch {
  return (now) => {
    if (now < from) return { inside: false, from: -Infinity, until: from }
    return now < until ? { inside: true, from, until } : { inside: false, from: until, until: Infinity }
  }
}

/** So many moments apart are asked about: now, and where one window after the other ends. */
const KEPT = 8

/** Calendars are slow, and of almost every moment the answer is that of the moment before. */
function remembered(stretch: (now: number) => Stretch): (now: number) => Stretch {
  let kept: readonly Stretch[] = []
  return (now) => {
    const known = kept.find(({ from, until }) => from <= now && now < until)
    if (known !== undefined) return known
    const found = stretch(now)
    kept = [found, ...kept].slice(0, KEPT)
    return found
  }
}

/** A chain of windows that each begin before the other ends is followed so far: who waits until then asks again. */
const MOST_LINKS = 100

/** Who must agree because of the time that it is. */
export function windowGates(
  fitting: readonly Shutter[],
  acting: Pick<Acting, 'step'>,
  now: number,
): readonly Gate[] {
  return fitting.flatMap(({ window: { over }, key, at }) =>
    typeof over !== 'string' && at(now).shut ? [gateOf(acting, over, key)] : [],
  )
}

/** What windows that are about an effect say of it now: refused, or for later. */
export function windowRuling(fitting: readonly Shutter[], now: number): Pick<Ruling, 'deny' | 'wait'> {
  return denial(fitting, now) ?? delay(fitting, now) ?? {}
}

function denial(fitting: readonly Shutter[], now: number): Pick<Ruling, 'deny'> | undefined {
  const denying = fitting.filter(({ window }) => window.over === 'deny')
  const last = lastToOpen(denying, now)
  if (last === undefined) return undefined
  const { key, clock, at } = last
  return { deny: { key, why: `${key} refuses this${untilWords(at(now).until, clock)}` } }
}

/** It waits until none of them is shut: at the end of one another may have begun. */
function delay(fitting: readonly Shutter[], now: number): Pick<Ruling, 'deny' | 'wait'> | undefined {
  const waiting = fitting.filter(({ window }) => window.over === 'wait')
  const first = lastToOpen(waiting, now)
  if (first === undefined) return undefined
  const { key, clock } = first
  const until = openFrom(waiting, now)
  if (Number.isFinite(until)) {
    const why = `${key} holds this back${untilWords(until, clock)}`
    return { wait: { key, why, until: new Date(until).toISOString() } }
  }
  return { deny: { key, why: `${key} holds this back, and the time it leaves does not come again` } }
}

function openFrom(waiting: readonly Shutter[], now: number): number {
  let until = now
  for (let i = 0; i < MOST_LINKS; i += 1) {
    const last = lastToOpen(waiting, until)
    if (last === undefined) return until
    until = last.at(until).until
    if (until === Infinity) return until
  }
  return until
}

/** Of those that are shut, the one that stays so longest; of two, by name: the order in the file is no matter. */
function lastToOpen(shutters: readonly Shutter[], now: number): Shutter | undefined {
  let last: { readonly shutter: Shutter; readonly until: number } | undefined
  for (const shutter of shutters) {
    const { shut, until } = shutter.at(now)
    if (!shut) continue
    const later = last === undefined || until > last.until
    if (later || (until === last?.until && shutter.key < last.shutter.key)) last = { shutter, until }
  }
  return last?.shutter
}

function untilWords(until: number, clock: Shutter['clock']): string {
  return until === Infinity ? ', and has no end' : ` until ${clock(until)}`
}
