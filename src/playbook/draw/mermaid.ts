import { type Card, effectWords, type Sketch } from './sketch.ts'
import { markColours, tones } from './colours.ts'
import type { MarkKind } from './marks.ts'
import { plain } from './text.ts'

/** A flow chart for Mermaid (`flowchart TB`), as code hosts render it in Markdown. */
export function mermaid({ title, subtitle, main, closing, edges }: Sketch): string {
  const cards = [...main, ...closing]
  // Names of steps are no ids: `end` alone breaks the grammar.
  const ids = new Map(cards.map(({ id }, i) => [id, `s${i + 1}`]))
  const idOf = (step: string): string => ids.get(step) ?? 's0'
  const nodes = (of: readonly Card[]): string[] => of.map((card) => `    ${nodeOf(card, idOf(card.id))}`)
  return [
    'flowchart TB',
    `  subgraph main ["${label(`${title} (${subtitle})`)}"]`,
    '    direction TB',
    ...nodes(main),
    '  end',
    ...(closing.length === 0
      ? []
      : ['  subgraph closing ["at the end"]', '    direction TB', ...nodes(closing), '  end']),
    ...edges.map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`),
    ...(main.length > 0 && closing.length > 0 ? ['  main -.-> closing'] : []),
    ...styles(cards, idOf),
    '',
  ].join('\n')
}

function nodeOf({ id, action, effect, notes, condition, mark }: Card, node: string): string {
  const about = [effectWords[effect], ...notes].join(', ')
  const text = label(
    id,
    action,
    about,
    ...(condition === undefined ? [] : [condition]),
    ...(mark ? [mark.words] : []),
  )
  return notes.includes('for each') ? `${node}[["${text}"]]` : `${node}["${text}"]`
}

function label(...lines: readonly string[]): string {
  return lines.map(escape).join('<br/>')
}

/**
 * Everything that Mermaid, its Markdown or HTML could read as syntax becomes an entity code (`#35;`): quotes, tags,
 * back-ticks, `%%{…}%%` directives, which work even within quotes.
 */
function escape(text: string): string {
  return plain(text).replaceAll(/[^\p{L}\p{M}\p{N} .,_-]/gu, (letter) => `#${letter.codePointAt(0) ?? 63};`)
}

function styles(cards: readonly Card[], idOf: (step: string) => string): string[] {
  const effects = Object.entries(tones).flatMap(([effect, { tint, ink, edge }]) =>
    styleFor(
      cards.filter((card) => card.effect === effect).map(({ id }) => idOf(id)),
      { name: effect, style: `fill:${tint},stroke:${edge},color:${ink}` },
    ),
  )
  const kinds = [...new Set(cards.flatMap(({ mark }) => (mark === undefined ? [] : [mark.kind])))]
  const marks = kinds.flatMap((kind: MarkKind) =>
    styleFor(
      cards.filter(({ mark }) => mark?.kind === kind).map(({ id }) => idOf(id)),
      { name: kind, style: `stroke:${markColours[kind]},stroke-width:3px` },
    ),
  )
  return [...effects, ...marks]
}

function styleFor(nodes: readonly string[], { name, style }: { name: string; style: string }): string[] {
  return nodes.length === 0 ? [] : [`  classDef ${name} ${style}`, `  class ${nodes.join(',')} ${name}`]
}
