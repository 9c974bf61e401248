import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { boundaries } from '../../src/engine/boundary.ts'

const engine = join(import.meta.dirname, '../../src/engine')

/** The names by which the sources of the engine call the hook. */
function called(): Set<string> {
  const files = readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const texts = files.map((file) => readFileSync(join(engine, file), 'utf8'))
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\bat\(\s*[\w.]+,\s*'([\w-]+)'/g)].flatMap(([, name]) => name ?? []),
    ),
  )
}

it('every boundary that has a name is passed somewhere in the engine', () => {
  expect([...called()].toSorted()).toEqual([...boundaries].toSorted())
})
