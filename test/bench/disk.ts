import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What this disk and SQLite can do without Firebreak: the references of every figure that commits. */

const ROW = 'x'.repeat(600)

/** Durable commits a second: plain node:sqlite, WAL, synchronous=FULL, EXCLUSIVE, one row of 600 bytes each. */
export function commitsPerSecond(folder: string, ms: number): number {
  const db = new DatabaseSync(join(folder, `reference-${process.hrtime.bigint()}.db`))
  db.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full;')
  db.exec('create table rows (seq integer primary key, data text not null)')
  const insert = db.prepare('insert into rows (data) values (?)')
  const rate = ratePerSecond(ms, () => {
    db.exec('begin immediate')
    insert.run(ROW)
    db.exec('commit')
  })
  db.close()
  return rate
}

export function syncsPerSecond(folder: string, ms: number): number {
  const fd = openSync(join(folder, 'append'), 'a')
  const rate = ratePerSecond(ms, () => {
    writeSync(fd, ROW)
    fdatasyncSync(fd)
  })
  closeSync(fd)
  return rate
}

function ratePerSecond(ms: number, once: () => void): number {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < ms) {
    once()
    count++
  }
  return (count * 1000) / (performance.now() - began)
}
