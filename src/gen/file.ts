/** A generated file: its path from the root of the repository, and what has to stand in it. */
export type GeneratedFile = { readonly path: string; readonly text: string }
