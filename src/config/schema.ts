import { z } from 'zod'
import { Json } from './json.ts'
import { Anchors, Retention, Sinks } from './audit-schema.ts'
import { Approvals, guardrailFields } from './guardrail-schema.ts'
import { ApproveEntry, Environments, Permissions, role, Roles, RouteAuthority } from './permission-schema.ts'
import { filled, name, secret, SecretRef, url } from './words.ts'

// The file as written: JSON-shaped, without transforms, so that an editor's JSON Schema can be made of it.

const label = z.union([z.string(), z.array(z.string()).min(1)])

const Slack = z.strictObject({
  botToken: secret('Bot token (xoxb-…)'),
  appToken: secret('App-level token for Socket Mode (xapp-…)'),
  channel: filled.describe('Channel id or name in which runs are shown'),
  auditChannel: filled.optional().describe('Channel in which signed checkpoints are posted'),
  apiUrl: url.optional().describe('Another address of the Web API, for tests'),
})

const OnCall = z.strictObject({
  pagerduty: z
    .strictObject({
      token: secret('API key of PagerDuty; one that only reads is enough'),
      url: url.optional().describe('https://api.eu.pagerduty.com for accounts in the EU'),
    })
    .optional()
    .describe('PagerDuty'),
  opsgenie: z
    .strictObject({
      key: secret('API key of Opsgenie; one that only reads is enough'),
      url: url.optional().describe('https://api.eu.opsgenie.com for accounts in the EU'),
    })
    .optional()
    .describe('Opsgenie'),
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
  pagerduty: z
    .string()
    .regex(/^[A-Z0-9]{4,}$/, 'the id of a PagerDuty user, such as PXPGF42')
    .optional()
    .describe('Id of the user in PagerDuty, as in the address of the profile'),
  opsgenie: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'the name of an Opsgenie user, which is a mail address')
    .optional()
    .describe('Name of the user in Opsgenie: a mail address'),
  sshKeys: z
    .array(filled.max(16_384))
    .default([])
    .describe('Public keys, as lines of an authorized_keys file'),
})

/** YAML reads twelve bare digits as a number, and a leading zero is lost. */
const accountPattern = 'twelve digits in quotes, with * and ?'
const labelPattern = 'a text, with * and ?; true, false and numbers stand in quotes'

const NeverTouch = z.strictObject({
  kind: filled.optional().describe('Kind of target, with * and ?'),
  id: filled.optional().describe('Id of the target (ARN, access key id, uid), with * and ?'),
  name: filled.optional().describe('Name of the target, with * and ?'),
  namespace: filled.optional().describe('Namespace that it is in, with * and ?'),
  account: z
    .string({ error: accountPattern })
    .regex(/^([\d?]{12}|(?=.*\*)[\d*?]{1,12})$/, accountPattern)
    .optional()
    .describe('AWS account that it is in: twelve digits, with * and ?'),
  labels: z
    .record(filled, z.string({ error: labelPattern }).max(1024))
    .optional()
    .describe('Labels or tags that it has, all of them; values with * and ?'),
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
  authority: RouteAuthority.optional().describe('What it may do by itself; the rest of a plan asks people'),
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

/** Without a password: that is a secret, and does not stand in the file. */
const PostgresUrl = z
  .string()
  .max(1024)
  .regex(
    /^postgres(ql)?:\/\/(?![^/@]*:[^/@]*@)/,
    'postgres://HOST/DATABASE without a password, or { env: NAME }',
  )

/** `firebreak.yaml`. */
export const ConfigFile = z.strictObject({
  state: filled.default('.firebreak').describe('Folder of the journal and the control socket'),
  store: z
    .union([SecretRef, PostgresUrl])
    .optional()
    .describe(
      'Address of a PostgreSQL database for the journal, so that several processes share the work; without it the journal lies in the state folder. An address with a password is given as { env: NAME } or { file: PATH }',
    ),
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
  onCall: OnCall.prefault({}).describe('Systems that know who is on call, for roles by schedules'),
  people: z.array(PersonEntry).default([]).describe('The humans who may ask and decide'),
  roles: Roles,
  environments: Environments,
  permissions: Permissions.prefault({}).describe('Which roles may do what'),
  guardrails: z
    .strictObject({
      neverTouch: z.array(NeverTouch).default([]).describe('Targets that are never touched'),
      ...guardrailFields,
    })
    .prefault({})
    .describe('What holds whatever a playbook says'),
  approvals: Approvals,
  alerts: Alerts.prefault({}).describe('Who sends alerts, and what they start'),
  audit: z
    .strictObject({
      origin: z
        .string()
        .regex(/^[^\s+]{1,120}$/, 'an origin has no blanks and no plus sign')
        .default('firebreak.local/log')
        .describe('Name of the log in its checkpoints'),
      sinks: Sinks,
      anchors: Anchors,
      retention: Retention,
    })
    .prefault({})
    .describe('The audit log'),
})
export type ConfigFile = z.infer<typeof ConfigFile>
