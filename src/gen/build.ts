import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// `npm run build`: JavaScript and types into dist/, with the static files that the compiler leaves out.

const root = fileURLToPath(new URL('../../', import.meta.url))
const STATIC = ['sandbox/slack/page']

/** The compiler by its own file, not by a shell's search path. */
function compile(): number {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  return status ?? 1
}

// What was removed from src must not be shipped any more.
rmSync(join(root, 'dist'), { recursive: true, force: true })
process.exitCode = compile()
if (process.exitCode === 0) {
  for (const folder of STATIC)
    cpSync(join(root, 'src', folder), join(root, 'dist', folder), { recursive: true })
}
