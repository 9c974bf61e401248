import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Prepares each statement once: preparing costs more than running it. Not for iterators, which cannot be shared. */
export type Prepared = (sql: string) => StatementSync

export function prepared(db: DatabaseSync): Prepared {
  const statements = new Map<string, StatementSync>()
  return (sql) => {
    const known = statements.get(sql)
    if (known) return known
    const statement = db.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
}
