import { stripVTControlCharacters } from 'node:util'

/**
 * Hostile text made fit for one line of a terminal: no escape sequences, control or direction characters, line breaks.
 * Alerts, targets and provider errors are written by whoever can cause them.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
}

/** The same for a text of several lines. */
export function cleanLines(text: string): string {
  return text.split('\n').map(clean).join('\n')
}

/** JSON that a terminal may show: what JSON leaves as it is but a terminal would obey is escaped too. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, escapeUnits)
}

/** One line of it, for streams. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, escapeUnits)
}

function escapeUnits(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
