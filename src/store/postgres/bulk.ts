import type { QueryConfig } from 'pg'

/** A prepared statement with one array for each column, in their order. */
export function bulk(name: string, text: string, columns: readonly (readonly unknown[])[]): QueryConfig[] {
  return columns.every(({ length }) => length === 0)
    ? []
    : [{ name: `firebreak-${name}`, text, values: [...columns] }]
}

export function columns<T extends object, K extends keyof T>(
  rows: readonly T[],
  ...names: readonly K[]
): T[K][][] {
  return names.map((name) => rows.map((row) => row[name]))
}

/** PostgreSQL holds every character but this one; such texts are for people, who cannot see it either. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}
