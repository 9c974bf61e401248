import type { Text } from './leaf.ts'
import type { Hash } from './tree.ts'

/** The layout of c2sp.org/tlog-tiles: tiles of 256 hashes, and bundles of 256 leaves. */
export const TILE_WIDTH = 256
/** Heights of the tree per level of tiles: 256 = 2^8. */
export const TILE_HEIGHT = 8

type Level = { tiles: number; hashes: Hash[] }

export type Tile = { readonly path: string; readonly bytes: Buffer }

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits, such as `x001/x234/067`. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** Collects the hashes of a growing tree (feed it `Tree.append`'s subtrees) and gives each tile once it is complete. */
export class TileCollector {
  readonly #levels = new Map<number, Level>()
  readonly #emit: (tile: Tile) => void

  constructor(emit: (tile: Tile) => void) {
    this.#emit = emit
  }

  add(height: number, root: Hash): void {
    if (height % TILE_HEIGHT !== 0) return
    const level = height / TILE_HEIGHT
    const own = this.#levels.get(level) ?? { tiles: 0, hashes: [] }
    this.#levels.set(level, own)
    own.hashes.push(root)
    if (own.hashes.length === TILE_WIDTH) this.#flush(level, own)
  }

  /** Gives the partial tiles at the right edge. */
  finish(): void {
    for (const [level, own] of this.#levels) {
      if (own.hashes.length > 0) this.#flush(level, own)
    }
  }

  #flush(level: number, own: Level): void {
    const path = tilePath(level, own.tiles++, own.hashes.length)
    this.#emit({ path, bytes: Buffer.from(own.hashes.join(''), 'hex') })
    own.hashes = []
  }
}

/** A bundle: each leaf after its length in two bytes, big-endian. */
export function packBundle(leaves: readonly Text[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const bytes = Buffer.from(leaf)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/**
 * Takes a bundle of so many leaves apart. A damaged one gives a leaf that cannot hash to its stored hash at the place
 * of the damage, so that verification names the entry: one that is cut off comes empty, what is too much goes to the last.
 */
export function splitBundle(bundle: Buffer, count: number): Buffer[] {
  const leaves: Buffer[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const start = at + 2
    const end = start <= bundle.length ? start + bundle.readUInt16BE(at) : start
    const isLast = i === count - 1
    // Without the first case a length beyond the end would be read as the length of what is there.
    if (end > bundle.length) leaves.push(bundle.subarray(0, 0))
    else leaves.push(bundle.subarray(start, isLast ? bundle.length : end))
    at = end
  }
  return leaves
}
