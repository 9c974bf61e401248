import { mkdir, open, readdir, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import { parseCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { checkEntry } from './entry.ts'
import type { Pages, StoredEntry } from './entry.ts'
import { EXPORT_FILES } from './export-files.ts'
import { bodyLine } from './body-line.ts'
import { HANDOVERS, type Handover } from './handover.ts'
import type { VerifierKey } from './key.ts'
import type { Text } from './leaf.ts'
import { packBundle, TILE_WIDTH, TileCollector, tilePath } from './tile.ts'
import type { Tile } from './tile.ts'
import { Tree } from './tree.ts'
import type { Hash } from './tree.ts'

/** Lines of bodies are written in portions of about this many bytes. */
const PORTION = 1 << 20
/** And at the latest with so many tiles and bundles. */
const PORTION_FILES = 16

export type ExportSource = {
  /** In order of seq, from 0. Those beyond the checkpoint are left out: a log may grow while it is exported. */
  readonly entries: Pages
  readonly checkpoint: string
  readonly key: VerifierKey
  /** How earlier keys handed over to this one: for those who have an earlier one. */
  readonly handovers?: readonly Handover[]
}

export type ExportSummary = { readonly size: number; readonly root: Hash; readonly withoutBody: number }

/**
 * Writes an export into a new or empty folder: leaves and hashes as c2sp.org/tlog-tiles, the bodies beside them, the verifier
 * key, and at the very end the checkpoint, so that an interrupted export never looks like one. Each entry is
 * checked on the way: a log that does not verify is not exported.
 */
export async function writeExport(dir: string, source: ExportSource): Promise<ExportSummary> {
  const head = verifyCheckpoint(source.checkpoint, [source.key])
  await mkdir(dir, { recursive: true })
  if ((await readdir(dir)).length > 0) {
    throw new FirebreakError('audit.export-exists', `${dir} is not empty`, { remedy: 'Name a new folder.' })
  }
  const bodies = await open(join(dir, EXPORT_FILES.bodies), 'wx')
  try {
    const writer = new ExportWriter(dir, bodies)
    for await (const page of source.entries) {
      for (const entry of page.slice(0, head.size - writer.size)) {
        // oxlint-disable-next-line no-await-in-loop -- so that no more than a portion is in memory
        if (writer.take(entry)) await writer.write()
      }
      if (writer.size === head.size) break
    }
    const summary = await writer.finish(head)
    await writeHandovers(dir, head, source.handovers)
    await writeFile(join(dir, EXPORT_FILES.key), `${source.key.text}\n`)
    await writeFile(join(dir, EXPORT_FILES.checkpoint), source.checkpoint)
    return summary
  } finally {
    await bodies.close()
  }
}

async function writeHandovers(
  dir: string,
  { size }: Checkpoint,
  handovers: readonly Handover[] = [],
): Promise<void> {
  const covered = handovers.filter(({ checkpoint }) => parseCheckpoint(checkpoint).size <= size)
  if (covered.length > 0) await mkdir(join(dir, HANDOVERS))
  await Promise.all(
    covered.map(({ seq, checkpoint }) => writeFile(join(dir, HANDOVERS, String(seq)), checkpoint)),
  )
}

class ExportWriter {
  readonly #dir: string
  readonly #bodies: FileHandle
  readonly #tree = Tree.empty()
  readonly #tiles: TileCollector
  #pending: Tile[] = []
  #leaves: Text[] = []
  #lines: Buffer[] = []
  #lineBytes = 0
  #withoutBody = 0

  constructor(dir: string, bodies: FileHandle) {
    this.#dir = dir
    this.#bodies = bodies
    this.#tiles = new TileCollector((tile) => this.#pending.push(tile))
  }

  get size(): number {
    return this.#tree.size
  }

  /** Whether it is time to write. */
  take(entry: StoredEntry): boolean {
    const hash = checkEntry(entry, this.#tree.size)
    if (typeof hash !== 'string') refuse(hash.reason)
    this.#tree.append(hash, (height, root) => this.#tiles.add(height, root))
    this.#leaves.push(entry.leaf)
    this.#takeBody(entry)
    if (this.#leaves.length === TILE_WIDTH) this.#bundle()
    return this.#pending.length >= PORTION_FILES || this.#lineBytes > PORTION
  }

  #takeBody({ seq, salt, data }: StoredEntry): void {
    if (salt === null || data === null) {
      this.#withoutBody++
      return
    }
    const line = bodyLine(seq, salt, data)
    this.#lines.push(line)
    this.#lineBytes += line.length
  }

  async finish({ size, root }: Checkpoint): Promise<ExportSummary> {
    if (this.#tree.size < size)
      refuse(`the log has ${this.#tree.size} entries, the checkpoint covers ${size}`)
    if (this.#tree.root() !== root) refuse(`the log does not match the checkpoint of size ${size}`)
    this.#tiles.finish()
    if (this.#leaves.length > 0) this.#bundle()
    await this.write()
    return { size, root, withoutBody: this.#withoutBody }
  }

  #bundle(): void {
    const index = Math.ceil(this.#tree.size / TILE_WIDTH) - 1
    this.#pending.push({
      path: tilePath('entries', index, this.#leaves.length),
      bytes: packBundle(this.#leaves),
    })
    this.#leaves = []
  }

  async write(): Promise<void> {
    const tiles = this.#pending
    const lines = this.#lines
    this.#pending = []
    this.#lines = []
    this.#lineBytes = 0
    for (const folder of new Set(tiles.map(({ path }) => dirname(join(this.#dir, path))))) {
      // oxlint-disable-next-line no-await-in-loop -- they may lie within each other
      await mkdir(folder, { recursive: true })
    }
    await Promise.all(tiles.map(({ path, bytes }) => writeFile(join(this.#dir, path), bytes, { flag: 'wx' })))
    if (lines.length > 0) await this.#bodies.appendFile(Buffer.concat(lines))
  }
}

function refuse(what: string): never {
  throw new FirebreakError('audit.bad-export', `the log cannot be exported: ${what}`, {
    remedy: 'Run `firebreak audit verify`; keep the store as it is, it is evidence.',
  })
}
