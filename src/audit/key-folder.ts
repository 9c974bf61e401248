import { existsSync, linkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyFile, readKeyFile } from './key-file.ts'
import { generateLogKey } from './key.ts'
import type { LogKey } from './key.ts'

/** The log's keys in a state folder. While both are there, both sign every checkpoint. */
export type LogKeys = { readonly key: LogKey; readonly previous?: LogKey }

const FILES = {
  key: 'log.key',
  next: 'log.key.next',
  previous: 'log.key.previous',
  public: 'log.vkey',
} as const

/** The signing keys of a state folder. */
export function readLogKeys(folder: string, origin: string): LogKeys {
  const key = readKeyFile(pathsOf(folder).key, origin)
  const previous = readPrevious(folder, key)
  return { key, ...(previous && { previous }) }
}

/** The old key after a rotation, until its overlap is ended. */
function readPrevious(folder: string, key: LogKey): LogKey | undefined {
  const { previous: path } = pathsOf(folder)
  if (!existsSync(path)) return undefined
  const previous = readKeyFile(path, key.name)
  // The same key: a rotation was interrupted before the new one was in its place.
  return previous.id === key.id ? undefined : previous
}

/** The key that is to follow. One that an interrupted rotation has made is taken again: the log may name it already. */
export function nextKey(folder: string, origin: string): { readonly next: LogKey; readonly begun: boolean } {
  const { next: path } = pathsOf(folder)
  const begun = existsSync(path)
  if (!begun) createKeyFile(path, generateLogKey(origin))
  return { next: readKeyFile(path, origin), begun }
}

/** Puts the new key in its place and keeps the old one beside it. At every moment one of the two is there under its name. */
export function installNext(folder: string, next: LogKey): void {
  const paths = pathsOf(folder)
  if (!existsSync(paths.previous)) linkSync(paths.key, paths.previous)
  writePublic(folder, next)
  renameSync(paths.next, paths.key)
}

export function deletePrevious(folder: string): void {
  unlinkSync(pathsOf(folder).previous)
}

/** For auditors: what verifies the log without this machine. */
function writePublic(folder: string, key: LogKey): void {
  writeFileSync(pathsOf(folder).public, `${key.text}\n`)
}

function pathsOf(folder: string): { readonly [F in keyof typeof FILES]: string } {
  const { key, next, previous, public: open } = FILES
  return {
    key: join(folder, key),
    next: join(folder, next),
    previous: join(folder, previous),
    public: join(folder, open),
  }
}
