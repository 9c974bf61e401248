/** The columns by which the journal is searched. They are not hashed themselves, so they must say what the leaf says. */
export type Place = { readonly seq: number; readonly run: string | undefined; readonly n: number | undefined }

/** After the keys `"body":"` and 64 hexadecimal digits. */
const BODY = ',"body":"'
const AFTER_BODY = BODY.length + 64 + 1

/**
 * Whether an entry lies where its leaf says that it belongs. Otherwise somebody could move a fact out of its run without
 * touching what is hashed. Leaves are canonical JSON with their keys in order, so that their text can be compared; only
 * scalars follow the leaf's own body, which is therefore the last.
 */
export function isPlaced(leaf: string, { seq, run, n }: Place): boolean {
  const order = n === undefined ? '' : `,"n":${n}`
  const owner = run === undefined ? '' : `,"run":${JSON.stringify(run)}`
  return leaf.startsWith(`${order}${owner},"seq":${seq},`, leaf.lastIndexOf(BODY) + AFTER_BODY)
}
