/** Every way in which a known value may be written where it gets into a text, each at least as long as `least`. */
export function formsOf(value: string, least: number): string[] {
  const bytes = Buffer.from(value, 'utf8')
  const json = inJson(value)
  const forms = [
    value,
    ...jsonForms(json),
    inJson(inJson(json)),
    ...urlForms(value),
    encodeURIComponent(encodeURIComponent(value.toWellFormed())),
    value.replaceAll("'", String.raw`'\''`),
    value.replaceAll("'", String.raw`'"'"'`),
    value.replaceAll("'", "''"),
    value.replaceAll(/["$`\\!]/g, String.raw`\$&`),
    value.replaceAll(/[^\w@%+=:,./-]/g, String.raw`\$&`),
    ...markupForms(value),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
    ...base64Forms(Buffer.from(json, 'utf8')),
  ]
  return [...new Set(forms)].filter((form) => form.length >= least)
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** JSON as languages write it: fit to stand in HTML, in ASCII only, with slashes escaped; and each within JSON again. */
function jsonForms(json: string): string[] {
  const safe = [json, json.replaceAll(/[<>&]/g, unicodeEscape), json.replaceAll(/[<>&'+]/g, unicodeEscape)]
  const ascii = safe.flatMap((form) => [form, form.replaceAll(/[\u007f-\uffff]/g, unicodeEscape)])
  const cased = ascii.flatMap((form) => [
    form,
    form.replaceAll(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
  ])
  const slashed = cased.flatMap((form) => [form, form.replaceAll('/', String.raw`\/`)])
  return slashed.flatMap((form) => [form, inJson(form)])
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Encoders differ in which signs they leave, in the space, and in the case of the digits. */
function urlForms(value: string): string[] {
  const whole = encodeURIComponent(value.toWellFormed())
  const paths = [whole, whole.replaceAll('%2F', '/'), encodeURI(value.toWellFormed())]
  const signs = paths.flatMap((form) => [
    form,
    form.replaceAll(/[!'()*]/g, percent),
    form.replaceAll(/[!'()~]/g, percent),
    form.replaceAll(/[!'()*~]/g, percent),
  ])
  const spaces = signs.flatMap((form) => [form, form.replaceAll('%20', '+')])
  return spaces.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())])
}

/** HTML and XML, and the three characters that Slack escapes. */
function markupForms(value: string): string[] {
  const some = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const quoted = some.replaceAll('"', '&quot;')
  return [
    some,
    quoted,
    quoted.replaceAll("'", '&#39;'),
    quoted.replaceAll("'", '&#x27;'),
    quoted.replaceAll("'", '&apos;'),
    // As Go writes it.
    some.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  ]
}

/**
 * What a value becomes in the base64 of a longer text that holds it: one of three texts, by where it lies between the
 * groups of three bytes. The characters at both ends depend on the neighbours and are left out.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const inner = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
