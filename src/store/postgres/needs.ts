/** What a task of a transaction must see of the tables. */
export type Needs = {
  readonly runs?: readonly string[]
  readonly targets?: readonly string[]
  readonly once?: readonly Key[]
  readonly notices?: readonly string[]
}

export type Key = { readonly scope: string; readonly key: string }

export function keyOf({ scope, key }: Key): string {
  return JSON.stringify([scope, key])
}
