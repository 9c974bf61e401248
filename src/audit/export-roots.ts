import { readTile } from './export-files.ts'
import type { Roots } from './prove.ts'
import { TILE_HEIGHT, TILE_WIDTH, tilePath } from './tile.ts'
import { rootOf } from './tree.ts'
import type { Hash } from './tree.ts'

/**
 * The roots of subtrees of an export, out of the tiles that hold them and no others: a few files whatever the size. They
 * prove nothing by themselves: hold what comes of them against the checkpoint.
 */
export function exportRoots(dir: string, size: number): Roots {
  const tiles = new Map<string, readonly Hash[]>()
  const tile = (level: number, index: number): readonly Hash[] => {
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH)
    const path = tilePath(level, index, width)
    const hashes = tiles.get(path) ?? readTile(dir, path, width)
    tiles.set(path, hashes)
    return hashes
  }
  return ({ height, index }) => {
    const level = Math.floor(height / TILE_HEIGHT)
    const count = 2 ** (height % TILE_HEIGHT)
    const first = index * count
    const start = first % TILE_WIDTH
    return rootOf(tile(level, Math.floor(first / TILE_WIDTH)).slice(start, start + count))
  }
}
