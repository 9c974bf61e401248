import { plain } from './text.ts'

const entities: { readonly [letter: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text as XML content or attribute value. What XML 1.0 cannot hold at all was made plain first. */
export function xmlText(text: string): string {
  return plain(text).replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? '')
}

type Attributes = { readonly [name: string]: string | number | undefined }

/** An element. Names are our own; values are escaped, children are markup. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : xmlText(value ?? '')}"`)
    .join('')
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
