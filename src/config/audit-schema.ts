import { z } from 'zod'
import { Duration, filled, name, secret, SecretRef, url } from './words.ts'

const common = {
  every: Duration.default('1s').describe('How long entries are gathered before they are sent'),
  timeout: Duration.default('30s').describe('How long an answer may take; then the entries are sent again'),
  batch: z.int().min(1).max(10_000).optional().describe('Most entries in one request'),
}

const ca = SecretRef.optional().describe(
  'PEM of the authorities to trust instead of the system: { file: PATH }',
)

const File = z.strictObject({
  kind: z.literal('file'),
  path: filled.describe('File to which lines of JSON are appended'),
  ...common,
})

const Elasticsearch = z.strictObject({
  kind: z.literal('elasticsearch'),
  url: url.describe('Address of an Elasticsearch or OpenSearch cluster'),
  index: filled.max(255).default('firebreak-audit').describe('Index, alias or data stream'),
  apiKey: secret('API key in its encoded form').optional(),
  user: filled.optional().describe('User, instead of an API key'),
  password: secret('Password of the user').optional(),
  ca,
  ...common,
})

const Datadog = z.strictObject({
  kind: z.literal('datadog'),
  site: z
    .string()
    .regex(/^[a-z0-9.-]{1,100}$/, 'a site is a host name such as datadoghq.eu')
    .default('datadoghq.com')
    .describe('Datadog site, such as datadoghq.eu'),
  apiKey: secret('API key'),
  service: filled.default('firebreak').describe('Service under which the entries appear'),
  tags: z.array(filled.max(200)).max(50).default([]).describe('Tags such as env:prod'),
  url: url.optional().describe('Another address of the intake, such as a proxy'),
  ca,
  ...common,
})

const Syslog = z.strictObject({
  kind: z.literal('syslog'),
  host: filled.max(255).describe('Receiver of RFC 5424 messages over TCP'),
  port: z.int().min(1).max(65_535).default(6514).describe('Its port: 6514 is the one for TLS'),
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        ca,
        cert: SecretRef.optional().describe('PEM of the client certificate'),
        key: SecretRef.optional().describe('PEM of its key'),
        serverName: filled.max(255).optional().describe('Name in the certificate, where it is not the host'),
      }),
    ])
    .default(true)
    .describe('true, false for plain TCP, or { ca, cert, key, serverName }'),
  facility: z.int().min(0).max(23).default(13).describe('13 is the log audit'),
  appName: z
    .string()
    .regex(/^[!-~]{1,48}$/, 'a name of up to 48 printable characters')
    .default('firebreak')
    .describe('APP-NAME of the messages'),
  maxMessage: z
    .int()
    .min(2048)
    .max(1 << 20)
    .default(8192)
    .describe('Most bytes of a message; of a longer one the data is left out, and said to be'),
  ...common,
})

const Http = z.strictObject({
  kind: z.literal('http'),
  url: url.describe('Address that takes a POST'),
  format: z.enum(['array', 'ndjson']).default('array').describe('A JSON array, or a JSON value a line'),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'the name of an HTTP header'),
      z.union([z.string().regex(/^[\t -~]{0,1000}$/, 'the value of an HTTP header'), SecretRef]),
    )
    .default({})
    .describe('Headers; what is secret in them as { env: NAME } or { file: PATH }'),
  hmac: secret('Key that signs each body (HMAC-SHA256, header firebreak-signature)').optional(),
  ca,
  ...common,
})

const kinds = [File, Elasticsearch, Datadog, Syslog, Http] as const

export const Sinks = z
  .record(name, z.discriminatedUnion('kind', kinds))
  .default({})
  .describe('Where every entry of the log is copied to, by name; the place reached is kept under the name')
export type Sinks = z.infer<typeof Sinks>

const Bucket = z.strictObject({
  kind: z.literal('s3'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')
    .describe('Bucket with versioning and object lock'),
  prefix: z
    .string()
    .regex(/^([A-Za-z0-9._-]+\/)*$/, 'a prefix ends with a slash')
    .max(200)
    .default('firebreak/')
    .describe('What the names of the objects begin with'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
    .describe('Region of the bucket'),
  endpoint: url.optional().describe('Another endpoint; https, or http on this machine'),
  retainDays: z.int().min(1).max(36_500).default(365).describe('How long each checkpoint is locked'),
  mode: z
    .enum(['COMPLIANCE', 'GOVERNANCE'])
    .default('COMPLIANCE')
    .describe('COMPLIANCE: nobody deletes it before; GOVERNANCE: those who have a special permission'),
  credentials: z
    .strictObject({
      accessKeyId: z.union([filled, SecretRef]).describe('Access key id'),
      secretAccessKey: secret('Secret access key'),
      sessionToken: secret('Session token of temporary credentials').optional(),
    })
    .optional()
    .describe('Static credentials; the default chain is used without'),
})

export const Anchors = z
  .record(
    name,
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('file'),
        folder: filled.describe('Folder on another disk or share, for a file that is appended to'),
      }),
      z.strictObject({
        kind: z.literal('slack'),
        channel: filled.optional().describe('Channel id or name; slack.auditChannel when absent'),
      }),
      Bucket,
    ]),
  )
  .default({})
  .describe('Where signed checkpoints are kept outside of the journal, by name')
export type Anchors = z.infer<typeof Anchors>

export const Retention = z
  .strictObject({
    bodies: Duration.default('90d').describe(
      'How long the data of entries is kept, at least 1d; leaves and hashes are kept for ever',
    ),
    never: z.boolean().default(false).describe('true: nothing is ever deleted'),
  })
  .prefault({})
  .describe('When the data of old entries is deleted')
