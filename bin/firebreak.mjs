#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read too, so that they get an answer instead of a syntax error.
import fs from 'node:fs'
import module from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** node:sqlite without a warning, and stable type stripping, are in Node from here on. */
const NEEDED = [24, 15]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) await start()
else refuse()

async function start() {
  const cache = cacheFolder()
  if (cache !== undefined) module.enableCompileCache(cache)
  // In a checkout the source runs as it is; a package has JavaScript only, for Node strips no types in node_modules.
  const source = new URL('../src/main.ts', import.meta.url)
  const entry = fs.existsSync(fileURLToPath(source)) ? source : new URL('../dist/main.js', import.meta.url)
  const { main } = await import(entry.href)
  process.exitCode = await main(process.argv.slice(2))
}

/** A folder of the user's own: what lies in the shared temporary folder could have been put there by somebody else. */
function cacheFolder() {
  const named = process.env.NODE_COMPILE_CACHE || process.env.XDG_CACHE_HOME
  if (named) return path.join(named, 'firebreak')
  try {
    return path.join(os.homedir(), '.cache', 'firebreak')
  } catch {
    // A user without a home folder, as in some containers: start without a cache.
    return undefined
  }
}

function refuse() {
  const needed = NEEDED.join('.')
  console.error(
    `error usage.node-version: Firebreak needs Node ${needed} or newer; this is ${process.versions.node}`,
  )
  console.error(
    '  → In a checkout, "npm run -s firebreak -- COMMAND" uses the Node that npm ci has installed; elsewhere install Node 24.',
  )
  process.exitCode = 2
}
