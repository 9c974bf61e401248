import type { Effect } from '../../core/action.ts'
import type { MarkKind } from './marks.ts'

/** Ink on tint has a contrast of at least 7:1 (WCAG 2.2 AAA): drawings are read on phones, at night. */
type Tone = { readonly tint: string; readonly ink: string; readonly edge: string }

export const tones: { readonly [E in Effect]: Tone } = {
  read: { tint: '#eef1f4', ink: '#36424e', edge: '#66788a' },
  notify: { tint: '#f0ecfb', ink: '#4b3498', edge: '#6b4fbb' },
  wait: { tint: '#e6f2f4', ink: '#0b4a56', edge: '#2b7a8a' },
  manual: { tint: '#e9f3ea', ink: '#1d4d26', edge: '#3f8a4c' },
  reversible: { tint: '#fdf1dd', ink: '#6b3d00', edge: '#b26a00' },
  irreversible: { tint: '#fce8e6', ink: '#8c1d18', edge: '#c5221f' },
}

/** White on these has a contrast of at least 4.5:1. */
export const markColours: { readonly [K in MarkKind]: string } = {
  done: '#1a7f37',
  failed: '#b3261e',
  waiting: '#8a5a00',
  now: '#0860ca',
  skipped: '#656d76',
  later: '#656d76',
  doubt: '#a4156f',
}

export const paper = {
  ground: '#ffffff',
  ink: '#1f2328',
  faint: '#57606a',
  line: '#7d8590',
  frame: '#c9d1d9',
  /** Behind what has not happened yet; the faint ink on it has a contrast of 5:1. */
  pale: '#eaeef2',
}
