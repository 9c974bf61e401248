import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { digestOf } from '../core/canonical.ts'
import { FirebreakError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import type { Diagnostic } from '../core/playbook.ts'
import type { Guardrails } from '../core/rules.ts'
import { parseYaml, type YamlFile } from '../core/yaml.ts'
import type { AlertSource, Config, OnCallConfig, RouteConfig, SlackConfig } from './config.ts'
import { auditOf } from './audit.ts'
import { withoutUndefined } from './defined.ts'
import { RouteReader } from './routes.ts'
import { crossFaults } from './cross-check.ts'
import { guardrailsOf, type LineOf } from './guardrails.ts'
import { type Outline, outlineOf } from './outline.ts'
import { ConfigFault, type Fault, locate } from './fault.ts'
import { type PermissionConfig, permissionsOf } from './permissions.ts'
import { ConfigFile } from './schema.ts'
import { schemaFaults } from './schema-faults.ts'
import { type Environment, literalSecrets, SecretReader } from './secrets.ts'

/** Larger is refused before it is read; the parser has its own, smaller limit. */
const MAX_FILE_BYTES = 1024 * 1024

/** Reads and checks `firebreak.yaml`, with secrets from this process's environment. Throws `config.*` or `yaml.*`. */
export function loadConfig(file: string): Config {
  return parseConfig(readText(file), resolve(file), process.env)
}

/** Checks a text as if it stood in `file`. Throws ConfigFault with every fault and its place. */
export function parseConfig(text: string, file: string, env: Environment): Config {
  const checked = check(text, file)
  if (!checked.ok) throw new ConfigFault(checked.diagnostics)
  const { yaml, content, digest, warnings, routes } = checked
  const secrets = new SecretReader(file, env)
  const config = build(content, { file, secrets, routes, yaml })
  if (secrets.faults.length > 0) throw new ConfigFault(locate(secrets.faults, yaml, file))
  return { ...config, file, digest, warnings }
}

/** Everything that can be said without the secrets: for `lint`, on a machine that does not have them. */
export function lintConfig(text: string, file: string): readonly Diagnostic[] {
  const checked = check(text, file)
  return checked.ok ? checked.warnings : checked.diagnostics
}

/** What playbooks may name of this configuration; undefined where it has faults. */
export function outlineConfig(text: string, file: string): Outline | undefined {
  const checked = check(text, file)
  return checked.ok ? outlineIn(checked) : undefined
}

/** Who may do what, by this text, with its playbooks and routes: for `policy`, on a machine without the secrets. */
export type PolicyConfig = PermissionConfig & {
  readonly file: string
  readonly playbooks: readonly string[]
  readonly routes: readonly RouteConfig[]
  /** As written, without the secrets that it refers to. */
  readonly providers: ConfigFile['providers']
  readonly guardrails: Guardrails
}

/** Throws ConfigFault like parseConfig. */
export function policyConfig(text: string, file: string): PolicyConfig {
  const checked = check(text, file)
  if (!checked.ok) throw new ConfigFault(checked.diagnostics)
  const { content, yaml, routes } = checked
  const playbooks = [content.playbooks].flat().map((path) => resolve(dirname(resolve(file)), path))
  return {
    ...permissionsOf(content, ruleLines(yaml)),
    file,
    playbooks,
    routes,
    providers: content.providers,
    guardrails: guardrailsOf(content, linesOf(yaml)),
  }
}

type Checked =
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly ok: true
      readonly yaml: YamlFile
      readonly content: ConfigFile
      readonly digest: string
      readonly routes: readonly RouteConfig[]
      readonly warnings: readonly Diagnostic[]
    }

function check(text: string, file: string): Checked {
  const yaml = parseYaml(text, file)
  if (!yaml.ok) return yaml
  // An empty file is a valid one: everything has a default.
  const parsed = ConfigFile.safeParse(yaml.value ?? {})
  const faults: Fault[] = literalSecrets(yaml.value)
  if (!parsed.success) {
    const secret = faults.map((fault) => fault.path.join('\0'))
    // The remedy for a literal secret says more than that it has the wrong type.
    const others = schemaFaults(parsed.error.issues).filter(({ path }) => !secret.includes(path.join('\0')))
    return { ok: false, diagnostics: locate([...faults, ...others], yaml, file) }
  }
  const reader = new RouteReader()
  const routes = parsed.data.alerts.routes.map((route, index) => reader.read(route, index))
  const found = locate([...faults, ...crossFaults(parsed.data), ...reader.faults], yaml, file)
  const errors = found.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return { ok: false, diagnostics: errors }
  return { ok: true, yaml, content: parsed.data, digest: digestOf(parsed.data), routes, warnings: found }
}

function outlineIn({ content }: Pick<Checked & { ok: true }, 'content'>): Outline {
  return outlineOf({ ...content, ...permissionsOf(content) })
}

function ruleLines(yaml: YamlFile): (index: number) => number {
  return (index) => linesOf(yaml)(['permissions', 'rules', index])
}

function linesOf(yaml: YamlFile): LineOf {
  return (path) => yaml.at(path).line
}

type Context = {
  readonly file: string
  readonly secrets: SecretReader
  readonly routes: readonly RouteConfig[]
  readonly yaml: YamlFile
}
type Built = Omit<Config, 'file' | 'digest' | 'warnings'>

function build(content: ConfigFile, { file, secrets, routes, yaml }: Context): Built {
  const folder = dirname(resolve(file))
  const playbooks = typeof content.playbooks === 'string' ? [content.playbooks] : content.playbooks
  const slack = content.slack === undefined ? {} : { slack: slackOf(content.slack, secrets) }
  return {
    state: resolve(folder, content.state),
    ...(content.store === undefined ? {} : { store: { url: storeUrl(content.store, secrets) } }),
    playbooks: playbooks.map((path) => resolve(folder, path)),
    listen: content.listen,
    ...slack,
    providers: {
      aws: instancesOf(content.providers.aws, 'aws', secrets),
      kubernetes: instancesOf(content.providers.kubernetes, 'kubernetes', secrets),
    },
    onCall: onCallOf(content, secrets),
    ...permissionsOf(content, ruleLines(yaml)),
    guardrails: guardrailsOf(content, linesOf(yaml)),
    alerts: { sources: sourcesOf(content, secrets), routes },
    audit: auditOf(content, { folder, secrets }),
  }
}

function storeUrl(store: NonNullable<ConfigFile['store']>, secrets: SecretReader): Secret {
  return typeof store === 'string' ? new Secret(store) : secrets.read(store, ['store'])
}

function slackOf(slack: NonNullable<ConfigFile['slack']>, secrets: SecretReader): SlackConfig {
  const { botToken, appToken, ...rest } = slack
  return {
    ...withoutUndefined(rest),
    channel: slack.channel,
    botToken: secrets.read(botToken, ['slack', 'botToken']),
    appToken: secrets.read(appToken, ['slack', 'appToken']),
  }
}

function onCallOf({ onCall: { pagerduty, opsgenie } }: ConfigFile, secrets: SecretReader): OnCallConfig {
  const token = pagerduty && secrets.read(pagerduty.token, ['onCall', 'pagerduty', 'token'])
  const key = opsgenie && secrets.read(opsgenie.key, ['onCall', 'opsgenie', 'key'])
  return {
    ...(token && { pagerduty: { token, ...withoutUndefined({ url: pagerduty?.url }) } }),
    ...(key && { opsgenie: { key, ...withoutUndefined({ url: opsgenie?.url }) } }),
  }
}

function instancesOf(
  instances: ConfigFile['providers']['aws'],
  provider: 'aws' | 'kubernetes',
  secrets: SecretReader,
): Config['providers']['aws'] {
  const entries = Object.entries(instances)
  return Object.fromEntries(
    entries.map(([name, settings]) => [name, secrets.record(settings, ['providers', provider, name])]),
  )
}

function sourcesOf({ alerts }: ConfigFile, secrets: SecretReader): { [name: string]: AlertSource } {
  const entries = Object.entries(alerts.sources).map(([name, source]): [string, AlertSource] => [
    name,
    'auth' in source ? source : { token: secrets.read(source.token, ['alerts', 'sources', name, 'token']) },
  ])
  return Object.fromEntries(entries)
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`)
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new FirebreakError('config.unreadable', `cannot read ${file}: ${why}`, {
      remedy: 'Name the file with --config, or write one; an empty file takes every default.',
      cause,
    })
  }
}
