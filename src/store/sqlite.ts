import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Clock, Commit, Forgetting, Notary, Store } from '../core/ports.ts'
import { createAppender, type Appender } from './append.ts'
import { forgetIn } from './forget.ts'
import { groupCommit } from './group-commit.ts'
import { refusalOf } from './guards.ts'
import { holderOf, removeHolder, writeHolder } from './holder.ts'
import { openMoved, passageOf, unfinished } from './moved.ts'
import { prepared, type Prepared } from './prepared.ts'
import { numbers, text } from './rows.ts'
import { SCHEMA_VERSION, schema } from './schema.ts'
import { derive, type Used, usedIn } from './sqlite/derive.ts'
import { guardrailsIn } from './sqlite/guardrails.ts'
import { groundIn, takeUp } from './sqlite/guards.ts'
import { createReader } from './sqlite/reader.ts'

type Options = { readonly folder: string; readonly notary: Notary; readonly clock: Clock }

/**
 * The journal on node:sqlite: WAL, every commit on disk before it is answered, one owner (EXCLUSIVE locking).
 * Reads see only what is committed.
 */
export function openSqlite({ folder, notary, clock }: Options): Store {
  const { db, close } = holdFolder(folder)
  const { state, place } = text(db.prepare('select state, place from passage').get())
  const passage = passageOf(state, place)
  if (passage.state === 'arriving') {
    close()
    throw unfinished(folder, passage.place)
  }
  const writer = createWriter(db, { notary, clock })
  const store: Store = {
    ...writer.store,
    ...createReader(db),
    ...guardrailsIn(db, writer.time),
    close: async () => {
      writer.end()
      close()
    },
  }
  return passage.state === 'moved' ? openMoved(store, passage.place) : store
}

/** The tables of a state folder, held by this process alone until it closes them. */
export function holdFolder(folder: string): { readonly db: DatabaseSync; readonly close: () => void } {
  const db = openDatabase(folder)
  writeHolder(folder)
  const close = () => {
    removeHolder(folder)
    db.close()
  }
  return { db, close }
}

function openDatabase(folder: string): DatabaseSync {
  const db = openFile(folder)
  try {
    db.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full;')
    // What retention deletes is gone from the file, not only from the table.
    db.exec('pragma secure_delete=on')
    db.exec(`begin immediate; ${schema} commit;`)
  } catch (cause) {
    db.close()
    throw held(folder, cause)
  }
  const version = numbers(db.prepare('select version from meta').get())['version']
  if (version === undefined) db.prepare('insert into meta values (?)').run(SCHEMA_VERSION)
  // What is new since is made empty above; nothing of an older journal is misread.
  else if (version < SCHEMA_VERSION) db.prepare('update meta set version = ?').run(SCHEMA_VERSION)
  else if (version > SCHEMA_VERSION) {
    db.close()
    throw new FirebreakError(
      'store.newer',
      `The journal has schema ${version}; this program knows ${SCHEMA_VERSION}`,
      {
        remedy: 'Run the newer Firebreak again.',
      },
    )
  }
  return db
}

function openFile(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new DatabaseSync(join(folder, 'journal.db'), { timeout: 200 })
  } catch (cause) {
    throw held(folder, cause)
  }
}

function held(folder: string, cause: unknown): FirebreakError {
  const locked = cause instanceof Error && cause.message.includes('locked')
  return locked
    ? new FirebreakError('store.held', `${holderOf(folder)} holds the state folder ${folder}`, {
        remedy: `Ask the running bot with a client command, such as \`firebreak runs --state ${folder}\`, or stop it first.`,
        cause,
      })
    : new FirebreakError('store.unavailable', `The journal in ${folder} could not be opened`, {
        remedy: existsSync(folder)
          ? 'Check that the folder is writable and that the disk is not full.'
          : 'Create it.',
        cause,
      })
}

type Written = {
  readonly store: Pick<Store, 'commit' | 'forget' | 'settle' | 'memo' | 'checkpoint'>
  /** What the log would say of now. */
  readonly time: () => string
  readonly end: () => void
}

function createWriter(db: DatabaseSync, { notary, clock }: Omit<Options, 'folder'>): Written {
  const sql = prepared(db)
  const appender = createAppender(db, notary, clock)
  const { append, reload, checkpoint, time } = appender
  const { transaction, end } = groupCommit(db, reload)
  const used = usedIn(sql)
  const getMemo = db.prepare('select value from memo where key = ?')
  const setMemo = db.prepare(
    'insert into memo values (?, ?) on conflict (key) do update set value = excluded.value',
  )
  const store = {
    commit: (commit: Commit) =>
      transaction(() => commitIn(sql, commit, { appender, used, now: clock.now() })),
    forget: (what: Forgetting, fact: NewFact) =>
      transaction(() => {
        forgetIn(sql, what)
        return append([fact])
      }),
    settle: (notice: string, fact: NewFact) =>
      transaction(() => {
        const { changes } = sql('delete from outbox where id = ?').run(notice)
        if (changes > 0) append([fact])
      }),
    memo: {
      get: async (key: string) => text(getMemo.get(key))['value'],
      set: (key: string, value: string) => transaction(() => void setMemo.run(key, value)),
    },
    checkpoint: () => transaction(checkpoint),
  }
  return { store, time, end }
}

type Writing = { readonly appender: Appender; readonly used: Used; readonly now: number }

/** Guards are judged, then the facts are written, then what they guard is taken up: a refusal has nothing to put back. */
function commitIn(sql: Prepared, commit: Commit, { appender, used, now }: Writing): readonly Fact[] {
  const { guards = {}, otherwise, outbox, close } = commit
  const time = appender.time()
  const refused = refusalOf(guards, groundIn(sql, { time, now }))
  if (refused !== undefined) {
    const instead = otherwise?.(refused)
    if (instead === undefined) throw refused.error
    const facts = appender.append([instead])
    derive(sql, { facts }, used)
    return facts
  }
  const facts = appender.append(commit.facts)
  takeUp(sql, guards, { time: facts.at(-1)?.time ?? time, now })
  if (guards.spend !== undefined) used.counts = true
  derive(sql, { facts, ...(outbox && { outbox }), ...(close !== undefined && { close }) }, used)
  return facts
}
