import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { actions } from '../../src/actions/index.ts'
import { at, root, type Obj } from './manifests.ts'

const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(root, '../shared/data')
const data = join(shared, 'slack')
const manifest = parse(readFileSync(join(root, 'deploy/slack-manifest.yaml'), 'utf8')) as Obj

function isHere(): boolean {
  if (existsSync(data)) return true
  if (process.env['CI'] !== undefined) throw new Error(`${data} is missing`)
  console.log(`skipped: ${data} is not on this machine`)
  return false
}

/** Calls of the Web API in a source text: `client.chat.postMessage(` is chat.postMessage, if Slack has such a method. */
export function methodsIn(source: string, known: ReadonlySet<string>): string[] {
  const found = [...source.matchAll(/\.([a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)+)\s*\(/g)].flatMap(
    ([, path = '']) => {
      const parts = path.split('.')
      // The longest name that Slack knows: usergroups.users.list is not users.list.
      return parts.map((_, i) => parts.slice(i).join('.')).find((name) => known.has(name)) ?? []
    },
  )
  const named = [...source.matchAll(/['"]([a-z]+(?:\.[A-Za-z]+)+)['"]/g)].map(([, name = '']) => name)
  return [...new Set([...found, ...named].filter((name) => known.has(name)))].toSorted()
}

type Method = { readonly scope: { readonly bot?: readonly string[] } }

function methodTable(): { readonly [name: string]: Method } {
  const file = JSON.parse(readFileSync(join(data, 'web-api-methods.json'), 'utf8')) as {
    methods: { [name: string]: Method }
  }
  return file.methods
}

/** The surface's own text, comments left out: words there call nothing. */
function surfaceSource(): string {
  const folder = join(root, 'src/surfaces/slack')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

/**
 * Conversations of which the bot needs one kind or the other: it works in channels, public and private. Slack asks for
 * the scope of each kind that is used.
 */
const KINDS_USED = /^(channels|groups):/

function scopesFor(source: string, table: { readonly [name: string]: Method }): string[] {
  const scopes = methodsIn(source, new Set(Object.keys(table))).flatMap((name) => {
    const bot = table[name]?.scope.bot ?? []
    return bot.length <= 1 ? bot : bot.filter((scope) => KINDS_USED.test(scope))
  })
  // Not in the table of methods: what arguments and features need (docs.slack.dev, message metadata and scopes).
  if (source.includes('include_all_metadata')) scopes.push('metadata.message:read')
  if (at(manifest, ['features', 'slash_commands']) !== undefined) scopes.push('commands')
  const events = at(manifest, ['settings', 'event_subscriptions', 'bot_events']) as string[]
  if (events.includes('app_mention')) scopes.push('app_mentions:read')
  scopes.push(...Object.values(actions).flatMap(({ permissions }) => permissions.apply.slack ?? []))
  return [...new Set(scopes)].toSorted()
}

describe.skipIf(!isHere())('against what Slack documents', () => {
  const table = existsSync(data) ? methodTable() : {}
  const given = at(manifest, ['oauth_config', 'scopes', 'bot']) as string[]

  it('the manifest is valid, and an unknown key is not', () => {
    const schema = JSON.parse(
      readFileSync(join(data, 'manifest-schema/manifest.schema.2.0.0.json'), 'utf8'),
    ) as object
    const ajv = new Ajv({ strict: false, allErrors: true })
    addFormats.default(ajv)
    const validate = ajv.compile(schema)
    validate(manifest)
    expect(validate.errors).toBeNull()
    expect(validate({ ...manifest, unknown: true })).toBe(false)
  })

  it('its scopes are exactly those of the methods that the surface calls', () => {
    expect(given).toEqual(scopesFor(surfaceSource(), table))
  })

  it('the scan sees calls, and a new one changes the scopes', () => {
    const source = surfaceSource()
    expect(methodsIn(source, new Set(Object.keys(table)))).toEqual(
      expect.arrayContaining(['auth.test', 'chat.postMessage', 'chat.update', 'users.info', 'views.open']),
    )
    expect(scopesFor(`${source}\nawait client.pins.add({ channel })`, table)).toEqual(
      [...given, 'pins:write'].toSorted(),
    )
    expect(scopesFor(`${source}\nclient.apiCall('bookmarks.list')`, table)).toContain('bookmarks:read')
    expect(scopesFor(source.replaceAll('users.info', 'x'), table)).not.toContain('users:read')
    expect(scopesFor(source.replaceAll('usergroups.', 'x.'), table)).not.toContain('usergroups:read')
  })
})

it('the manifest asks for Socket Mode, one escaped command, buttons, and mentions', () => {
  const command = at(manifest, ['features', 'slash_commands']) as Obj[]
  expect(command).toHaveLength(1)
  expect(command[0]).toMatchObject({ command: '/firebreak', should_escape: true })
  expect(command[0]?.['url']).toBeUndefined()
  expect(manifest['settings']).toMatchObject({
    socket_mode_enabled: true,
    interactivity: { is_enabled: true },
    event_subscriptions: { bot_events: ['app_mention'] },
  })
})
