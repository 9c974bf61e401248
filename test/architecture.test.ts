import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

// Who may import whom, and where outside SDKs may appear. Import cycles, types included, are the linter's.

/** What each folder of src may import besides itself. The files directly in src, app and commands may import anything. */
const may: { readonly [folder: string]: readonly string[] | 'anything' } = {
  core: [],
  expr: ['core'],
  store: ['core'],
  audit: ['core'],
  providers: ['core'],
  sandbox: ['core'],
  playbook: ['core', 'expr'],
  config: ['core', 'expr'],
  policy: ['core', 'expr'],
  alerts: ['core', 'expr'],
  actions: ['core', 'providers'],
  engine: ['core', 'expr', 'policy', 'playbook'],
  rehearse: ['core', 'engine'],
  report: ['core', 'engine'],
  bot: ['core', 'config', 'policy', 'playbook', 'engine', 'alerts', 'audit'],
  'surfaces/api': ['core'],
  'surfaces/cli': ['core'],
  'surfaces/slack': ['core'],
  'surfaces/web': ['core'],
  gen: ['core', 'playbook', 'config', 'actions', 'providers'],
  app: 'anything',
  commands: 'anything',
  '.': 'anything',
}

/** SDKs of outside systems: heavy, so they are loaded when they are configured, and only where they belong. */
const sdks: readonly { readonly name: RegExp; readonly places: readonly string[] }[] = [
  { name: /^@aws-sdk\/|^@smithy\//, places: ['providers'] },
  { name: /^@kubernetes\//, places: ['providers'] },
  { name: /^@slack\//, places: ['surfaces/slack'] },
  { name: /^@dbos-inc\/|^pg$/, places: ['store', 'engine'] },
]

type Import = { readonly from: string; readonly kind: 'value' | 'type' | 'lazy' }

const statement = /(?:^|[\n;])\s*(import|export)\s+(type\s)?(?:[^'"`;()]*?\sfrom\s*)?['"]([^'"]+)['"]/g
const call = /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g

/** Every import of a source text, however it is written. */
function importsOf(text: string): Import[] {
  const statements = [...text.matchAll(statement)].map(([, , type, from = '']): Import => ({
    from,
    kind: type === undefined ? 'value' : 'type',
  }))
  const calls = [...text.matchAll(call)].map(([, from = '']): Import => ({ from, kind: 'lazy' }))
  return [...statements, ...calls]
}

/** `engine/drivers/x.ts` → `engine`; `surfaces/slack/x.ts` → `surfaces/slack`; `app.ts` → `.`. */
function folderOf(file: string): string {
  const [first = '', second = ''] = file.split('/')
  if (!file.includes('/')) return '.'
  return first === 'surfaces' ? `${first}/${second}` : first
}

/** What is wrong with the imports of a file, given by its path in src. */
function faultsOf(file: string, text: string): string[] {
  const folder = folderOf(file)
  const allowed = may[folder]
  if (allowed === undefined) return [`${file}: the folder ${folder} is in no rule`]
  return importsOf(text).flatMap(({ from, kind }) => {
    if (!from.startsWith('.')) return sdkFault(file, { from, kind })
    const target = folderOf(posix.normalize(posix.join(posix.dirname(file), from)))
    if (allowed === 'anything' || target === folder || allowed.includes(target)) return []
    return [`${file}: ${folder} may not import ${target} (${from})`]
  })
}

function sdkFault(file: string, { from, kind }: Import): string[] {
  const sdk = sdks.find(({ name }) => name.test(from))
  if (sdk === undefined) return []
  if (!sdk.places.includes(folderOf(file))) return [`${file}: ${from} belongs in ${sdk.places.join(', ')}`]
  return kind === 'value' ? [`${file}: ${from} is loaded at once; use await import('${from}')`] : []
}

const src = join(import.meta.dirname, '../src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))

describe('the imports of src', () => {
  it('keep to the rules', () => {
    expect(files.flatMap((file) => faultsOf(file, readFileSync(join(src, file), 'utf8')))).toEqual([])
  })

  it('are seen at all: as many as there are lines that import', () => {
    const texts = files.map((file) => readFileSync(join(src, file), 'utf8'))
    const lines = texts.flatMap((text) => text.match(/ from '[^']+'$/gm) ?? [])
    const seen = texts.flatMap((text) => importsOf(text)).filter(({ kind }) => kind !== 'lazy')
    expect(files.length).toBeGreaterThan(200)
    expect(seen.length).toBeGreaterThanOrEqual(lines.length)
  })
})

describe('the rules refuse', () => {
  const wrong: [string, string, string][] = [
    ['core that knows the store', 'core/run.ts', `import { openSqlite } from '../store/sqlite.ts'`],
    ['an action that knows the engine', 'actions/aws/x.ts', `import { act } from '../../engine/effect.ts'`],
    [
      'a stand-in that knows the bot',
      'sandbox/aws/x.ts',
      `import type { Decision } from "../../bot/decide.ts"`,
    ],
    ['a surface that knows another', 'surfaces/cli/x.ts', `import { a } from '../slack/text.ts'`],
    ['a surface that knows the engine', 'surfaces/slack/x.ts', `export { next } from '../../engine/next.ts'`],
    [
      'the engine that knows its store',
      'engine/drivers/x.ts',
      `import type { Store } from '../../store/sqlite.ts'`,
    ],
    ['the bot that knows a surface', 'bot/x.ts', `import {\n  a,\n  b,\n} from '../surfaces/api/http.ts'`],
    ['the bot that knows a provider', 'bot/x.ts', `const a = await import('../providers/aws/provider.ts')`],
    ['anything that knows the program', 'core/x.ts', `import { createApp } from '../app.ts'`],
    ['an import for its effect', 'core/x.ts', `import '../store/sqlite.ts'`],
    ['a star', 'expr/x.ts', `export * from '../playbook/load.ts'`],
    ['an SDK in an action', 'actions/aws/x.ts', `import type { Event } from '@aws-sdk/client-iam'`],
    ['an SDK in the bot, lazily', 'bot/x.ts', `await import('@slack/web-api')`],
    ['an SDK of another provider', 'surfaces/slack/x.ts', `import type { A } from '@kubernetes/client-node'`],
    [
      'an SDK that is loaded at once',
      'providers/aws/x.ts',
      `import { IAMClient } from '@aws-sdk/client-iam'`,
    ],
    [
      'an SDK that is loaded at once, over lines',
      'providers/aws/x.ts',
      `import {\n  type A,\n  B,\n} from "@aws-sdk/client-iam"`,
    ],
    ['a folder without a rule', 'helpers/x.ts', ''],
  ]
  it.each(wrong)('%s', (_, file, text) => {
    expect(faultsOf(file, text)).toHaveLength(1)
  })

  const right: [string, string][] = [
    ['core/run.ts', `import type { Fact } from './fact.ts'\nimport { z } from 'zod'`],
    ['engine/drivers/x.ts', `import { fold } from '../../core/run.ts'\nimport { next } from '../next.ts'`],
    ['surfaces/slack/x.ts', `import { a } from './b.ts'\nconst bolt = await import('@slack/bolt')`],
    ['providers/aws/x.ts', `import type { A } from '@aws-sdk/client-iam'`],
    ['app.ts', `import { openSqlite } from './store/sqlite.ts'`],
    ['commands/serve.ts', `import { createApp } from '../app.ts'`],
  ]
  it.each(right)('nothing of what is right: %s', (file, text) => {
    expect(faultsOf(file, text)).toEqual([])
  })
})
