import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { registrySource } from './registry.ts'

// Writes the generated files. `--check` writes nothing and fails when one is stale.

const actions = fileURLToPath(new URL('../actions/', import.meta.url))

function wanted(): { readonly path: string; readonly text: string }[] {
  // File names only, so that it runs even when an action does not compile.
  const files = readdirSync(actions, { recursive: true, encoding: 'utf8' })
  return [{ path: `${actions}index.ts`, text: registrySource(files) }]
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const stale = wanted().filter(({ path, text }) => read(path) !== text)
if (process.argv.includes('--check')) {
  for (const { path } of stale) process.stderr.write(`${path} is stale: run \`npm run gen\`\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, text } of stale) writeFileSync(path, text)
}
