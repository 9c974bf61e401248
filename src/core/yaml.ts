import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type CST,
} from 'yaml'
import type { ErrorCode } from './errors.ts'
import type { Json } from './json.ts'
import type { Diagnostic } from './playbook.ts'

// Files that people write: YAML 1.2 without what lets a text mean something else than it shows (aliases, merge keys,
// tags, duplicate keys, hidden characters), and with the place of everything.

/** No playbook or configuration comes near these; hostile text must not cost memory or stack. */
const MAX_BYTES = 256 * 1024
const MAX_DEPTH = 64
/** One mistake near the top can make hundreds of faults below it. */
const MAX_FAULTS = 20

export type Path = readonly (string | number)[]

/** Lines and columns count from 1, columns in UTF-16 units. `excerpt` is the line and a caret under the place. */
export type Place = { readonly line: number; readonly column: number; readonly excerpt: string }

export type YamlFile = {
  readonly ok: true
  /** Plain JSON; the file's own order of keys is kept. */
  readonly value: Json
  /** The place of a value, or of the nearest part above it that exists. */
  readonly at: (path: Path) => Place
  /** The place of a key of a map (of the value where there is no key, as in a list). */
  readonly atKey: (path: Path) => Place
  /** The place of a character of a text value: exact in one-line texts, else the start of the value. */
  readonly within: (path: Path, index: number) => Place
}

export type YamlRefusal = { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Parses one strict YAML document. Never throws. */
export function parseYaml(text: string, file: string): YamlFile | YamlRefusal {
  const reader = new Reader(text, file)
  const root = reader.read()
  if (reader.faults.length > 0 || root === undefined) return { ok: false, diagnostics: reader.faults }
  const find = (path: Path, want: 'key' | 'value'): Node => {
    let node: Node = root
    let shown: Node = root
    for (const segment of path) {
      const child = node.children.get(String(segment))
      if (child === undefined) return shown
      node = child
      shown = want === 'key' && child.key !== undefined ? { ...child, start: child.key } : child
    }
    return shown
  }
  return {
    ok: true,
    value: root.value,
    at: (path) => placeOf(text, find(path, 'value').start),
    atKey: (path) => placeOf(text, find(path, 'key').start),
    within: (path, index) => {
      const { start, end, value } = find(path, 'value')
      return placeOf(text, start + offsetWithin({ source: text.slice(start, end), value, index }))
    },
  }
}

/** The line and column of an offset, with its line and a caret. Long lines are cut around the place. */
function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const from = before.lastIndexOf('\n') + 1
  const next = text.indexOf('\n', offset)
  const whole = text.slice(from, next === -1 ? text.length : next).replace(/\r$/, '')
  const column = offset - from + 1
  const cut = column > 120 ? column - 60 : 0
  const shown = whole.slice(cut, cut + 160).replaceAll('\t', ' ')
  return { line, column, excerpt: `${shown}\n${' '.repeat(column - 1 - cut)}^` }
}

/** Where a character of the value stands in its source; 0 (the start) when quoting or folding moved it. */
function offsetWithin({ source, value, index }: { source: string; value: Json; index: number }): number {
  if (typeof value !== 'string' || index > value.length) return 0
  const shift = source.indexOf(value)
  return shift === -1 ? 0 : shift + index
}

type Node = {
  readonly value: Json
  readonly start: number
  readonly end: number
  readonly key?: number
  readonly children: ReadonlyMap<string, Node>
}

type Fault = { code: ErrorCode; offset: number; message: string; remedy: string }

const none: ReadonlyMap<string, Node> = new Map()

/** Characters that make a text read otherwise than it is: bidirectional controls (CVE-2021-42574) and C0 controls. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const HIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

class Reader {
  readonly faults: Diagnostic[] = []
  readonly #text: string
  readonly #file: string

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  read(): Node | undefined {
    const tokens = this.#tokens()
    if (tokens === undefined) return undefined
    const lines = new LineCounter()
    const composer = new Composer({
      intAsBigInt: true,
      uniqueKeys: false,
      strict: true,
      prettyErrors: false,
      lineCounter: lines,
    })
    const documents = [...composer.compose(tokens, true, this.#text.length)]
    const [first, second] = documents
    if (first === undefined) return undefined
    if (second !== undefined) this.#secondDocument(second)
    for (const { code, message, pos } of [...first.errors, ...first.warnings]) {
      this.#fault({
        ...syntaxFault(code),
        offset: pos[0],
        message: message.replace(/\s+/g, ' ').slice(0, 200),
      })
    }
    return this.faults.length > 0 ? undefined : this.#node(first.contents)
  }

  /**
   * Tokens of the text, counted as they come: the composer recurses and builds a regular expression from the nesting,
   * so that ten kilobytes of `- - - -` would abort the whole process.
   */
  #tokens(): CST.Token[] | undefined {
    if (Buffer.byteLength(this.#text) > MAX_BYTES) return this.#fault(tooLarge)
    const hidden = HIDDEN.exec(this.#text)
    if (hidden) return this.#fault(hiddenCharacter(hidden))
    const parser = new Parser()
    const tokens: CST.Token[] = []
    for (const lexeme of new Lexer().lex(this.#text)) {
      for (const token of parser.next(lexeme)) {
        if (token.type === 'directive')
          return this.#fault(forbidden(token.offset, `\`${token.source.slice(0, 40)}\``))
        tokens.push(token)
      }
      if (parser.stack.length > MAX_DEPTH) return this.#fault({ ...tooDeep, offset: parser.offset })
    }
    for (const token of parser.end()) tokens.push(token)
    return tokens
  }

  #secondDocument(document: Document.Parsed): void {
    this.#fault({
      code: 'yaml.documents',
      offset: document.range[0],
      message: 'a second document begins here',
      remedy: 'Keep one document in a file: remove the `---` or `...`, or split the file.',
    })
  }

  #node(node: unknown, key?: number): Node | undefined {
    if (node === null || node === undefined) {
      return { value: null, start: key ?? 0, end: key ?? 0, children: none }
    }
    const range = rangeOf(node)
    const place = { start: range[0], end: range[1], ...(key === undefined ? {} : { key }) }
    const mark = markOf(node)
    if (mark !== undefined) return this.#fault(forbidden(range[0], mark))
    if (isScalar(node)) return this.#scalar(node.value, place)
    if (isSeq(node)) return this.#list(node.items, place)
    if (isMap(node)) return this.#map(node.items, place)
    return this.#fault(forbidden(range[0], 'something that is not a value'))
  }

  #scalar(value: unknown, place: Omit<Node, 'value' | 'children'>): Node | undefined {
    const offset = place.start
    if (typeof value === 'bigint') {
      // A number that JSON readers would round is a different number: the digest would cover something else.
      const number = Number(value)
      if (!Number.isSafeInteger(number)) return this.#fault(inexact(offset, `${value}`))
      return { ...place, value: number, children: none }
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return this.#fault(inexact(offset, `${value}`))
    if (typeof value === 'string' && !value.isWellFormed()) return this.#fault(lone(offset))
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return { ...place, value: plain ? value : null, children: none }
  }

  #list(items: readonly unknown[], place: Omit<Node, 'value' | 'children'>): Node {
    const children = new Map<string, Node>()
    for (const [index, item] of items.entries()) {
      const child = this.#node(item)
      if (child !== undefined) children.set(String(index), child)
    }
    return { ...place, value: [...children.values()].map((child) => child.value), children }
  }

  #map(items: readonly unknown[], place: Omit<Node, 'value' | 'children'>): Node {
    const children = new Map<string, Node>()
    for (const item of items) {
      if (!isPair(item)) continue
      const [key, offset] = this.#key(item.key, place.start)
      if (key === undefined) continue
      // Checked here, because the library compares every key with every other.
      if (children.has(key)) this.#fault({ ...duplicate, offset, message: `\`${key}\` stands twice` })
      const child = this.#node(item.value, offset)
      if (child !== undefined) children.set(key, child)
    }
    const entries = [...children].map(([key, child]): [string, Json] => [key, child.value])
    return { ...place, value: Object.fromEntries(entries), children }
  }

  #key(key: unknown, start: number): [string | undefined, number] {
    const offset = key === null ? start : rangeOf(key)[0]
    const mark = markOf(key)
    if (mark !== undefined) return [this.#fault(forbidden(offset, mark)), offset]
    const name = isScalar(key) ? key.value : undefined
    if (name === '<<') return [this.#fault(forbidden(offset, 'a merge key (`<<`)')), offset]
    if (typeof name !== 'string' || name === '__proto__' || !name.isWellFormed()) {
      return [this.#fault(badKey(offset)), offset]
    }
    return [name, offset]
  }

  #fault({ code, offset, message, remedy }: Fault): undefined {
    if (this.faults.length >= MAX_FAULTS) return undefined
    const place = placeOf(this.#text, Math.min(offset, this.#text.length))
    this.faults.push({ code, severity: 'error', message, remedy, file: this.#file, ...place })
    return undefined
  }
}

function rangeOf(node: unknown): readonly [number, number] {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  if (!Array.isArray(range)) return [0, 0]
  const [start, end]: unknown[] = range
  return [Number(start), Number(end)]
}

/** An alias, an anchor or an explicit tag. Tags the schema finds by itself are not set on the node. */
function markOf(node: unknown): string | undefined {
  if (isAlias(node)) return `an alias (\`*${node.source}\`)`
  if (typeof node !== 'object' || node === null) return undefined
  if ('anchor' in node && typeof node.anchor === 'string') return `an anchor (\`&${node.anchor}\`)`
  if ('tag' in node && typeof node.tag === 'string') return `a tag (\`${node.tag}\`)`
  return undefined
}

function syntaxFault(code: string): Pick<Fault, 'code' | 'remedy'> {
  if (code === 'DUPLICATE_KEY') {
    return { code: 'yaml.duplicate-key', remedy: 'Keep one of the two: each key is written once.' }
  }
  if (code === 'TAG_RESOLVE_FAILED' || code === 'BAD_ALIAS' || code === 'BAD_DIRECTIVE') {
    return {
      code: 'yaml.forbidden',
      remedy: 'Write the value out; tags, aliases and directives are refused.',
    }
  }
  return {
    code: 'yaml.syntax',
    remedy: 'Check the indentation and the quotes here and on the line above.',
  }
}

function forbidden(offset: number, what: string): Fault {
  return {
    code: 'yaml.forbidden',
    offset,
    message: `${what} is refused`,
    remedy: 'Write the value out where it is used, so that a reviewer sees what is meant.',
  }
}

function inexact(offset: number, value: string): Fault {
  return {
    code: 'yaml.bad-value',
    offset,
    message: `the number ${value.slice(0, 40)} cannot be kept exactly`,
    remedy: 'Put it in quotes if it is an identifier; numbers go up to 9007199254740991.',
  }
}

function lone(offset: number): Fault {
  return {
    code: 'yaml.bad-value',
    offset,
    message: 'the text holds half a character (a lone surrogate)',
    remedy: 'Remove the escape, or write the whole pair.',
  }
}

function badKey(offset: number): Fault {
  return {
    code: 'yaml.bad-value',
    offset,
    message: 'this key is not a plain text',
    remedy: 'Keys are texts: put a number or `true` in quotes. `__proto__` is refused.',
  }
}

const duplicate: Pick<Fault, 'code' | 'remedy'> = {
  code: 'yaml.duplicate-key',
  remedy: 'Keep one of the two: each key is written once.',
}

const tooLarge: Fault = {
  code: 'yaml.too-large',
  offset: 0,
  message: `the file is larger than ${MAX_BYTES / 1024} KiB`,
  remedy: 'Split it: one playbook is one file.',
}

const tooDeep: Omit<Fault, 'offset'> = {
  code: 'yaml.too-deep',
  message: `the nesting is deeper than ${MAX_DEPTH} levels`,
  remedy: 'Flatten the value.',
}

function hiddenCharacter({ 0: character, index }: RegExpExecArray): Fault {
  const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  return {
    code: 'yaml.bad-value',
    offset: index,
    message: `the hidden character ${name} makes a text read otherwise than it is`,
    remedy: 'Remove it; in a quoted text write it as an escape, such as "\\u202e".',
  }
}
