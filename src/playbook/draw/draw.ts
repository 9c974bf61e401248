import type { PlaybookInfo } from '../../core/playbook.ts'
import type { RunState } from '../../core/run.ts'
import { mermaid } from './mermaid.ts'
import { picture } from './picture.ts'
import { png } from './png.ts'
import { sketch } from './sketch.ts'
import { svg } from './svg.ts'

/** A playbook, what a run made of it where one is given, and how many boxes stand side by side (2: for a phone). */
export type Drawing = { readonly info: PlaybookInfo; readonly run?: RunState; readonly columns?: number }

const COLUMNS = 2

/** Text of a Mermaid flow chart. */
export function drawMermaid({ info, run }: Drawing): string {
  return mermaid(sketch(info, run))
}

export async function drawSvg({ info, run, columns = COLUMNS }: Drawing): Promise<string> {
  return svg(await picture(sketch(info, run), columns))
}

export async function drawPng({ info, run, columns = COLUMNS }: Drawing): Promise<Uint8Array> {
  const drawn = await picture(sketch(info, run), columns)
  return png(svg(drawn), drawn.height)
}
