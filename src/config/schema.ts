import { z } from 'zod'
import { Json } from './json.ts'
import { durationPattern } from '../core/duration.ts'

// The file as written: JSON-shaped, without transforms, so that an editor's JSON Schema can be made of it.

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name is lower-case letters, digits and hyphens')
const role = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a role is one lower-case word')
const roles = z.array(role).min(1)
const filled = z.string().min(1).max(1024)
const url = z.url({ protocol: /^https?$/ })
const label = z.union([z.string(), z.array(z.string()).min(1)])

/** How long: a whole number and `s`, `m`, `h` or `d`. */
const Duration = z
  .string()
  .regex(durationPattern, 'a duration is a whole number with s, m, h or d, such as 30m')

/** Secrets are never written in the file, only where they are. */
export const SecretRef = z.union([
  z.strictObject({
    env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
  }),
  z.strictObject({ file: filled }),
])
export type SecretRef = z.infer<typeof SecretRef>

const secret = (what: string) => SecretRef.describe(`${what}, as { env: NAME } or { file: PATH }`)

const Slack = z.strictObject({
  botToken: secret('Bot token (xoxb-…)'),
  appToken: secret('App-level token for Socket Mode (xapp-…)'),
  channel: filled.describe('Channel id or name in which runs are shown'),
  auditChannel: filled.optional().describe('Channel in which signed checkpoints are posted'),
  apiUrl: url.optional().describe('Another address of the Web API, for tests'),
})

const instances = z.record(name, z.record(z.string(), Json))

const PersonEntry = z.strictObject({
  id: name.describe('Short id that logs and approvals name'),
  name: filled.describe('Full name'),
  roles: z.array(role).default([]).describe('Free words such as responder or approver'),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,}$/, 'a Slack member id such as U012AB3CD')
    .optional()
    .describe('Slack member id'),
  sshKeys: z
    .array(filled.max(16_384))
    .default([])
    .describe('Public keys, as lines of an authorized_keys file'),
})

const defaultActors = ['responder', 'approver']

const Permissions = z.strictObject({
  plan: roles.default(defaultActors).describe('Roles that may make a dry run'),
  run: roles.default(defaultActors).describe('Roles that may start a playbook'),
  cancel: roles.default(defaultActors).describe('Roles that may cancel or reject a run'),
  undo: roles.default(defaultActors).describe('Roles that may ask for an undo'),
  freeze: roles.default(defaultActors).describe('Roles that may stop every effect'),
  thaw: roles.default(['approver']).describe('Roles that may lift a freeze'),
})

const NeverTouch = z.strictObject({
  kind: filled.optional().describe('Kind of target, with * and ?'),
  id: filled.optional().describe('Id of the target (ARN, uid), with * and ?'),
  name: filled.optional().describe('Name of the target, with * and ?'),
})

const ApproveEntry = z.strictObject({
  from: role.describe('The role whose persons decide'),
  count: z.int().min(1).max(10).default(1).describe('How many distinct persons'),
  within: Duration.default('30m').describe('How long the request is open'),
})

const RouteMode = z.enum(['auto', 'propose', 'ignore'])

const Route = z.strictObject({
  name: name.describe('Name that decisions refer to'),
  source: name.describe('One of alerts.sources'),
  match: z.record(filled, label).describe('Labels that must all match: a value, or a list of values'),
  mode: RouteMode.describe('auto: run; propose: plan and ask; ignore: record only'),
  playbook: name.optional().describe('Playbook to run; not with mode ignore'),
  inputs: z
    .record(z.string(), Json)
    .default({})
    .describe('Inputs of the playbook; texts may hold expressions such as ${{ alert.labels[?"namespace"] }}'),
  approve: ApproveEntry.optional().describe('Who must agree to the whole plan first'),
})

const Alerts = z.strictObject({
  sources: z
    .record(
      name,
      z.union([
        z.strictObject({ token: secret('Bearer token of the sender') }),
        z.strictObject({ auth: z.literal('none') }),
      ]),
    )
    .default({})
    .describe('Senders of alerts; each has a token unless it says auth: none'),
  routes: z
    .array(Route)
    .default([])
    .describe('First match wins; an alert without a match is recorded and ignored'),
})

const folders = z.union([filled, z.array(filled).min(1)])

/** `firebreak.yaml`. */
export const ConfigFile = z.strictObject({
  state: filled.default('.firebreak').describe('Folder of the journal and the control socket'),
  playbooks: folders.default('playbooks').describe('Folder or folders of playbooks'),
  listen: z
    .strictObject({
      host: filled.default('127.0.0.1').describe('Address for alerts and health'),
      port: z.int().min(0).max(65_535).default(8180).describe('Port; 0 takes a free one'),
    })
    .prefault({})
    .describe('Where alert webhooks and health checks are served'),
  slack: Slack.optional().describe('The Slack workspace; without it, decisions are made on the command line'),
  providers: z
    .strictObject({
      aws: instances.default({}).describe('AWS accounts by name'),
      kubernetes: instances.default({}).describe('Kubernetes clusters by name'),
    })
    .prefault({})
    .describe('Outside systems that playbooks act on'),
  people: z.array(PersonEntry).default([]).describe('The humans who may ask and decide'),
  permissions: Permissions.prefault({}).describe('Which roles may do what'),
  guardrails: z
    .strictObject({ neverTouch: z.array(NeverTouch).default([]).describe('Targets that are never touched') })
    .prefault({})
    .describe('What holds whatever a playbook says'),
  alerts: Alerts.prefault({}).describe('Who sends alerts, and what they start'),
  audit: z
    .strictObject({
      origin: z
        .string()
        .regex(/^[^\s+]{1,120}$/, 'an origin has no blanks and no plus sign')
        .default('firebreak.local/log')
        .describe('Name of the log in its checkpoints'),
    })
    .prefault({})
    .describe('The audit log'),
})
export type ConfigFile = z.infer<typeof ConfigFile>
