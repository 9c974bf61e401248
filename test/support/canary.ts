// Searches what a process wrote or sent for secrets, however they may have been written. It shares nothing with the
// scrubber that it is to judge.

type Write = (value: string) => string

const json: Write = (value) => JSON.stringify(value).slice(1, -1)
const percent: Write = (value) =>
  encodeURIComponent(value).replaceAll(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
const entities: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const unit = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
const hex = (value: string): string => Buffer.from(value).toString('hex')

/** Ways in which programs write a text. */
export const encodings: { readonly [name: string]: Write } = {
  plain: (value) => value,
  json,
  'json in json': (value) => json(json(value)),
  'json in json in json': (value) => json(json(json(value))),
  'json in ASCII': (value) => json(value).replaceAll(/[\u0080-\uffff]/g, unit),
  'json, slashes escaped': (value) => json(value).replaceAll('/', '\\/'),
  'json in ASCII, slashes escaped': (value) =>
    json(value)
      .replaceAll(/[\u0080-\uffff]/g, unit)
      .replaceAll('/', '\\/'),
  'json for HTML': (value) =>
    json(value).replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  url: (value) => encodeURIComponent(value),
  'url, lower case': (value) =>
    encodeURIComponent(value).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  'url, twice': (value) => encodeURIComponent(encodeURIComponent(value)),
  'url, strict': percent,
  form: (value) => percent(value).replaceAll('%20', '+'),
  'shell, single quotes': (value) => value.replaceAll("'", "'\\''"),
  'shell, double quotes': (value) => value.replaceAll(/["$`\\!]/g, '\\$&'),
  'shell, backslashes': (value) => value.replaceAll(/[^\w@%+=:,./-]/g, '\\$&'),
  html: (value) => value.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char),
  'html, decimal': (value) =>
    value.replaceAll(/[&<>"']/g, (char) => (char === '"' ? '&#34;' : (entities[char] ?? char))),
  slack: (value) => value.replaceAll(/[&<>]/g, (char) => entities[char] ?? char),
  base64: (value) => Buffer.from(value).toString('base64'),
  'base64 of json': (value) => Buffer.from(json(value)).toString('base64'),
  base64url: (value) => Buffer.from(value).toString('base64url'),
  hex,
  'hex, upper case': (value) => hex(value).toUpperCase(),
}

/** The part of the base64 of a longer text that a value alone decides, for each place that it may begin at. */
function withinBase64(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.from(`${'.'.repeat(shift)}${value}`)
      .toString('base64')
      .replace(/=+$/, '')
    return whole.slice(shift === 0 ? 0 : shift + 1, -2)
  })
}

/** By which encodings a text holds a value. */
export function findsIn(text: string, value: string): string[] {
  const found = Object.entries(encodings).flatMap(([name, write]) =>
    text.includes(write(value)) ? [name] : [],
  )
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  const within = withinBase64(value).some((part) =>
    standard.includes(part.replaceAll('-', '+').replaceAll('_', '/')),
  )
  return within ? [...found, 'within base64'] : found
}

/** What leaked where: empty when nothing did. */
export function leaks(
  places: { readonly [where: string]: string },
  secrets: { readonly [name: string]: string },
): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(places).flatMap(([where, text]) =>
      findsIn(text, secret).map((encoding) => `${name} in ${where} (${encoding})`),
    ),
  )
}
