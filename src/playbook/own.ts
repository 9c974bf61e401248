/** What a record itself holds under a name that somebody wrote: every object also has a `constructor` and a `toString`. */
export function own<T>(record: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
