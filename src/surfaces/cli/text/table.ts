import type { Paint } from './paint.ts'

/**
 * Columns padded to their widest cell, never cut: a plan that is not read in full is not approved. Cells are plain
 * text (already clean); `decorate` styles one after it is padded.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  style: { readonly paint: Paint; readonly decorate?: (cell: string, column: number) => string },
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], dress: (cell: string, column: number) => string): string =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? ''
        return dress(cell, column) + ' '.repeat(width - cell.length)
      })
      .join('  ')
      .trimEnd()
  const title = line(head, (cell) => style.paint('bold', cell))
  return [title, ...rows.map((row) => line(row, style.decorate ?? ((cell) => cell)))].join('\n')
}
