import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GeneratedFile } from './file.ts'
import { registrySource } from './registry.ts'

// Writes the generated files. `--check` writes nothing and fails when one is stale.

const root = fileURLToPath(new URL('../../', import.meta.url))
const check = process.argv.includes('--check')

/** From file names only, so that it is written even when an action does not compile. */
function registry(): GeneratedFile[] {
  const files = readdirSync(join(root, 'src/actions'), { recursive: true, encoding: 'utf8' })
  return [{ path: 'src/actions/index.ts', text: registrySource(files) }]
}

/** Imported late: only now is the registry that it reads written. */
async function fromActions(): Promise<GeneratedFile[]> {
  const { filesFromActions } = await import('./from-actions.ts')
  return filesFromActions()
}

function write(files: readonly GeneratedFile[]): void {
  for (const { path, text } of files.filter(isStale)) {
    if (check) fail(`${path} is stale: run \`npm run gen\``)
    else put(path, text)
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function isStale({ path, text }: GeneratedFile): boolean {
  try {
    return readFileSync(join(root, path), 'utf8') !== text
  } catch {
    return true
  }
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

write(registry())
try {
  write(await fromActions())
} catch (error) {
  fail(
    `only the registry could be made, for an action or the schema of playbooks does not load: ${String(error)}`,
  )
}
