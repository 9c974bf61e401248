import type { Json, JsonObject } from '../../core/json.ts'
import type { Path } from '../../core/yaml.ts'
import type { Reference } from '../../expr/index.ts'
import type { Use } from '../checked.ts'
import { isList, isObject } from '../json.ts'
import { rewrite, type Piece, type Replace } from './piece.ts'

/** A text of a document that refers to something. */
export type Text = { readonly text: string; readonly path: Path; readonly references: readonly Reference[] }

/** A value in which every text that refers to something is replaced. */
export function mapTexts(
  value: Json,
  at: { readonly path: Path; readonly uses: readonly Use[] },
  map: (text: Text) => Json,
): Json {
  const byPath = new Map<string, Reference[]>()
  for (const { path, reference } of at.uses) {
    const key = JSON.stringify(path)
    byPath.set(key, [...(byPath.get(key) ?? []), reference])
  }
  const walk = (json: Json, path: Path): Json => {
    if (typeof json === 'string') {
      const references = byPath.get(JSON.stringify(path))
      return references === undefined ? json : map({ text: json, path, references })
    }
    if (isList(json)) return json.map((item, i) => walk(item, [...path, i]))
    return isObject(json) ? mapValues(json, (item, key) => walk(item, [...path, key])) : json
  }
  return walk(value, at.path)
}

/** Collects what the texts of one value read. */
export class Reading {
  #firm: ReadonlySet<string> = new Set()
  #reads: ReadonlySet<string> = new Set()

  get firm(): ReadonlySet<string> {
    return this.#firm
  }

  get reads(): ReadonlySet<string> {
    return this.#reads
  }

  note({ firm, reads }: Pick<Piece, 'firm' | 'reads'>): void {
    this.#firm = new Set([...this.#firm, ...firm])
    this.#reads = new Set([...this.#reads, ...reads])
  }

  rewrite({ text, references }: Text, replace: Replace): string {
    const piece = rewrite(text, references, replace)
    this.note(piece)
    return piece.text
  }
}

function mapValues(of: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, map(value, key)]))
}
