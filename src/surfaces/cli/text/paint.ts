import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** Gives text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

/** Colours only on a terminal, and not where NO_COLOR is set (no-color.org: to anything but the empty text). */
export function createPaint(interactive: boolean, noColor: string | undefined): Paint {
  if (!interactive || (noColor ?? '') !== '') return (_, text) => text
  return (style, text) => styleText(style, text, { validateStream: false })
}

/** The style of a run's or a step's status. */
export function styleOf(status: string): Style {
  if (['succeeded', 'satisfied', 'planned', 'verified'].includes(status)) return 'green'
  if (['failed', 'rejected', 'expired', 'in-doubt', 'cancelled'].includes(status)) return 'red'
  return ['awaiting-approval', 'parked', 'unknown'].includes(status) ? 'yellow' : 'dim'
}
