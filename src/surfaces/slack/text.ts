import { scrub } from '../../core/scrub/scrub.ts'

// Everything that comes from outside (alerts, provider errors, values of targets, people's reasons) is hostile: it may
// try to mention @channel, to look like our own words, or to hide characters. All of it passes through here.

/** C0/C1 controls but newline and tab, zero-width and bidirectional controls: they hide or reorder what a person reads. */
const invisible = /[\p{Cc}\u{AD}\u{200B}-\u{200F}\u{2028}-\u{202E}\u{2060}-\u{2069}\u{FEFF}]/gu

function visible(text: string): string {
  // Scrubbed here already, because what follows may write a secret in other characters or cut it short.
  return scrub(text.toWellFormed()).replaceAll(invisible, (char) =>
    char === '\n' || char === '\t' ? char : '',
  )
}

const entities: { readonly [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * The text, escaped as Slack wants it (`& < >`), shortened to at most `max` characters after escaping, and never cut
 * inside an entity or a surrogate pair.
 */
function escapeTo(text: string, max: number): string {
  let out = ''
  for (const char of text) {
    const next = entities[char] ?? char
    if (out.length + next.length > max - 1) return `${out}…`
    out += next
  }
  return out
}

/** Escaped prose on one line. `@` is separated from its word, so that no client turns it into a mention. */
export function prose(text: string, max = 300): string {
  const line = visible(text).replaceAll(/\s+/gu, ' ').trim().replaceAll('@', '@\u{200B}')
  // Formatting characters would let a value look like one of our own labels.
  return escapeTo(
    line.replaceAll(/[*_~`]/gu, (char) => lookalikes[char] ?? ''),
    max,
  )
}

const lookalikes: { readonly [char: string]: string } = { '*': '∗', _: '＿', '~': '∼', '`': 'ˋ' }

/** An outside value as inline code, where Slack links and formats nothing. */
export function code(text: string, max = 80): string {
  const line = visible(text).replaceAll(/\s+/gu, ' ').trim().replaceAll('`', 'ˋ')
  return `\`${escapeTo(line === '' ? '(empty)' : line, max)}\``
}

/** Several lines as preformatted text. */
export function fence(text: string, max = 1500): string {
  const body = visible(text).replaceAll('`', 'ˋ').trimEnd()
  return `\`\`\`\n${escapeTo(body === '' ? '(empty)' : body, max)}\n\`\`\``
}

/** For `plain_text` objects, which Slack neither formats nor unescapes. */
export function plain(text: string, max: number): string {
  const line = visible(text).replaceAll(/\s+/gu, ' ').trim()
  let out = ''
  for (const char of line) {
    if (out.length + char.length > max - 1) return `${out}…`
    out += char
  }
  return out
}

/** A mention of somebody we chose ourselves. Anything that is not an id is shown as text. */
export function mention(user: string): string {
  return /^[UW][A-Z0-9]{2,}$/.test(user) ? `<@${user}>` : code(user)
}

/** An address that people can open, shown as what it is. Anything but plain https is shown as text. */
export function link(url: string): string {
  return /^https:\/\/[^\s<>|"`]{1,1000}$/.test(url) ? `<${url.replaceAll('&', '&amp;')}>` : code(url)
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
