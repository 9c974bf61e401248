type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the keys that have no value: an optional key of ours is there or absent, never undefined. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries lose the names of the keys they came from
  return Object.fromEntries(entries) as Defined<T>
}
