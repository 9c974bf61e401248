import { isPublished } from './published.ts'
import { entropy, isPlaceholder } from './random.ts'

/** A credential that is known by how it is written. */
export type Format = {
  readonly what: string
  /** What it begins with, one of these. */
  readonly starts: readonly string[]
  /**
   * The rest, tried where a start has been found. It may hold sequences of characters with a fixed or small greatest
   * length, and one open run at its very end: then no text makes it look at a character more than a few times.
   */
  readonly rest: RegExp
  /** Lower for alphabets in which even keys have little variety. */
  readonly bits?: number
  /** The start says where, not what, and stays readable. */
  readonly keepStart?: true
  readonly unless?: (body: string) => boolean
}

// Sources of the formats: the providers' own documents, and the public rules of gitleaks (facts only: prefix, length).
export const formats: readonly Format[] = [
  { what: '1Password token', starts: ['ops_eyJ'], rest: /[\w+/=-]{200,}/y },
  {
    what: '1Password secret key',
    starts: ['A3-'],
    rest: /[A-Z0-9]{6}-[A-Z0-9]{6}(?:-[A-Z0-9]{5}|[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}(?!\w)/y,
  },
  { what: 'age secret key', starts: ['AGE-SECRET-KEY-1'], rest: /[A-Z0-9]{58}/y },
  { what: 'Airtable token', starts: ['pat'], rest: /[A-Za-z0-9]{14}\.[a-f0-9]{64}/y },
  {
    what: 'Anthropic key',
    starts: ['sk-ant-api03-', 'sk-ant-admin01-', 'sk-ant-oat01-', 'sk-ant-ort01-'],
    rest: /[\w-]{93}AA(?![\w-])/y,
  },
  { what: 'Artifactory key', starts: ['AKCp'], rest: /[A-Za-z0-9]{69,}/y },
  { what: 'Artifactory token', starts: ['cmVmd'], rest: /[A-Za-z0-9]{59}(?!\w)/y },
  {
    what: 'AWS session token',
    starts: ['IQoJb3JpZ2lu', 'FwoGZXIvYXdz', 'FQoGZXIvYXdz'],
    rest: /[\w+/=%-]{60,}/y,
  },
  { what: 'Amazon Bedrock key', starts: ['ABSK'], rest: /[A-Za-z0-9+/]{109,}={0,2}/y },
  {
    what: 'Amazon Bedrock key',
    starts: ['bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t'],
    rest: /[\w+/=%-]*/y,
    bits: 0,
  },
  { what: 'ClickHouse key', starts: ['4b1d'], rest: /[A-Za-z0-9]{38}(?!\w)/y },
  { what: 'Clojars token', starts: ['CLOJARS_'], rest: /[A-Za-z0-9]{60}/y },
  { what: 'Cloudflare origin key', starts: ['v1.0-'], rest: /[a-f0-9]{24}-[a-f0-9]{146}/y },
  { what: 'Databricks token', starts: ['dapi', 'dkea', 'dose'], rest: /[a-f0-9]{32}(?:-\d)?/y, bits: 2.5 },
  { what: 'DigitalOcean token', starts: ['doo_v1_', 'dop_v1_', 'dor_v1_'], rest: /[a-f0-9]{64}/y, bits: 2.5 },
  {
    what: 'Discord webhook',
    starts: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    rest: /\d{17,20}\/[\w-]{60,}/y,
    keepStart: true,
  },
  { what: 'Doppler token', starts: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.'], rest: /[\w.-]{40,}/y },
  { what: 'Duffel token', starts: ['duffel_test_', 'duffel_live_'], rest: /[\w=-]{43}/y },
  { what: 'Dynatrace token', starts: ['dt0c01.'], rest: /[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}/y },
  { what: 'EasyPost token', starts: ['EZAK', 'EZTK'], rest: /[A-Za-z0-9]{54}(?![\w/+])/y },
  { what: 'Facebook token', starts: ['EAA'], rest: /[A-Za-z0-9]{100,}/y },
  { what: 'Fly token', starts: ['fo1_'], rest: /[\w-]{43}/y },
  { what: 'Fly token', starts: ['fm1a_', 'fm1r_', 'fm2_'], rest: /[A-Za-z0-9+/]{100,}={0,3}/y },
  {
    what: 'Google API key',
    starts: ['AIzaSy'],
    rest: /[\w-]{33}(?![\w-])/y,
    unless: (body) => isPublished(`AIzaSy${body}`),
  },
  { what: 'Google OAuth token', starts: ['ya29.'], rest: /[\w.-]{30,}/y },
  { what: 'Google OAuth client secret', starts: ['GOCSPX-'], rest: /[\w-]{28}/y },
  { what: 'GitHub token', starts: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], rest: /[0-9A-Za-z]{36,}/y },
  { what: 'GitHub token', starts: ['github_pat_'], rest: /\w{82,}/y },
  {
    what: 'GitLab token',
    starts: [
      'glpat-',
      'gldt-',
      'glft-',
      'glsoat-',
      'glrt-',
      'glffct-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glptt-',
    ],
    rest: /[\w-]{20,}(?:\.[0-9a-z]{2}[.0-9a-z]{7,9})?/y,
  },
  { what: 'GitLab token', starts: ['glcbt-'], rest: /[0-9a-zA-Z]{1,5}_[\w-]{20,}/y },
  { what: 'GitLab token', starts: ['GR1348941'], rest: /[\w-]{20,}/y },
  { what: 'Grafana key', starts: ['eyJrIjoi'], rest: /[A-Za-z0-9]{70,}={0,3}/y },
  { what: 'Grafana token', starts: ['glc_'], rest: /[A-Za-z0-9+/]{32,}={0,3}/y },
  { what: 'Grafana token', starts: ['glsa_'], rest: /[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/y },
  { what: 'Groq key', starts: ['gsk_'], rest: /[A-Za-z0-9]{52,}/y },
  { what: 'Harness token', starts: ['pat.', 'sat.'], rest: /[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}/y },
  { what: 'Heroku key', starts: ['HRKU-AA'], rest: /[\w-]{58}/y },
  { what: 'Hugging Face token', starts: ['hf_', 'api_org_'], rest: /[A-Za-z]{34}(?!\w)/y },
  { what: 'Infracost key', starts: ['ico-'], rest: /[A-Za-z0-9]{32}(?!\w)/y },
  { what: 'Intra42 secret', starts: ['s-s4t2ud-', 's-s4t2af-'], rest: /[a-f0-9]{64}/y, bits: 2.5 },
  { what: 'LangSmith key', starts: ['lsv2_pt_', 'lsv2_sk_'], rest: /[a-f0-9]{32}_[a-f0-9]{10}/y, bits: 2.5 },
  { what: 'Linear key', starts: ['lin_api_'], rest: /[A-Za-z0-9]{40}/y },
  { what: 'New Relic key', starts: ['NRAK-', 'NRII-'], rest: /[A-Za-z0-9-]{27,}/y },
  { what: 'Notion token', starts: ['ntn_'], rest: /\d{11}[A-Za-z0-9]{35}/y },
  { what: 'npm token', starts: ['npm_'], rest: /[A-Za-z0-9]{36}/y },
  { what: 'NVIDIA key', starts: ['nvapi-'], rest: /[\w-]{60,}/y },
  { what: 'Octopus Deploy key', starts: ['API-'], rest: /[A-Z0-9]{26}(?!\w)/y },
  { what: 'OpenAI key', starts: ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-None-'], rest: /[\w-]{40,}/y },
  { what: 'OpenRouter key', starts: ['sk-or-v1-'], rest: /[a-f0-9]{64}/y, bits: 2.5 },
  { what: 'API key', starts: ['sk-'], rest: /[A-Za-z0-9]{32,}(?![\w-])/y },
  { what: 'OpenShift token', starts: ['sha256~'], rest: /[\w-]{43}(?![\w-])/y },
  { what: 'Perplexity key', starts: ['pplx-'], rest: /[A-Za-z0-9]{48}/y },
  {
    what: 'PlanetScale token',
    starts: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'],
    rest: /[\w=.-]{32,}/y,
  },
  { what: 'Postman key', starts: ['PMAK-'], rest: /[a-f0-9]{24}-[a-f0-9]{34}/y, bits: 2.5 },
  { what: 'Prefect key', starts: ['pnu_'], rest: /[A-Za-z0-9]{36}/y },
  { what: 'Pulumi token', starts: ['pul-'], rest: /[a-f0-9]{40}(?!\w)/y, bits: 2.5 },
  { what: 'PyPI token', starts: ['pypi-AgEIcHlwaS5vcmc'], rest: /[\w-]{50,}/y },
  { what: 'ReadMe key', starts: ['rdme_'], rest: /[a-z0-9]{70}/y },
  { what: 'Replicate token', starts: ['r8_'], rest: /[A-Za-z0-9]{37}(?!\w)/y },
  { what: 'RubyGems key', starts: ['rubygems_'], rest: /[a-f0-9]{48}/y, bits: 2.5 },
  { what: 'SendGrid key', starts: ['SG.'], rest: /[\w-]{22}\.[\w-]{43}/y },
  { what: 'Brevo key', starts: ['xkeysib-'], rest: /[a-f0-9]{64}-[A-Za-z0-9]{16}/y, bits: 2.5 },
  { what: 'Sentry token', starts: ['sntrys_eyJ'], rest: /[\w+/=-]{40,}/y },
  { what: 'Sentry token', starts: ['sntryu_'], rest: /[a-f0-9]{64}/y, bits: 2.5 },
  { what: 'SettleMint token', starts: ['sm_aat_', 'sm_pat_', 'sm_sat_'], rest: /[A-Za-z0-9]{16}/y },
  { what: 'Shippo token', starts: ['shippo_live_', 'shippo_test_'], rest: /[a-fA-F0-9]{40}/y, bits: 2.5 },
  {
    what: 'Shopify token',
    starts: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    rest: /[a-fA-F0-9]{32}/y,
    bits: 2.5,
  },
  { what: 'Slack token', starts: ['xoxb-'], rest: /\d{10,13}-\d{10,13}[A-Za-z0-9-]*/y, bits: 0 },
  { what: 'Slack token', starts: ['xoxb-'], rest: /\d{8,14}-[A-Za-z0-9]{18,26}/y },
  {
    what: 'Slack token',
    starts: ['xoxp-', 'xoxe-'],
    rest: /\d{10,13}-\d{10,13}-\d{10,13}-[A-Za-z0-9-]{28,34}/y,
  },
  { what: 'Slack token', starts: ['xoxc-'], rest: /\d{8,14}-\d{8,14}-\d{8,14}-[a-f0-9]{32,}/y, bits: 2.5 },
  { what: 'Slack token', starts: ['xoxd-'], rest: /[\w%+/=-]{60,}/y },
  { what: 'Slack token', starts: ['xoxe.xoxp-', 'xoxe.xoxb-', 'xoxe-'], rest: /\d-[A-Za-z0-9]{100,}/y },
  {
    what: 'Slack token',
    starts: ['xoxo-', 'xoxs-'],
    rest: /\d{1,14}-\d{1,14}-\d{1,14}-[a-fA-F0-9]{8,}/y,
    bits: 2.5,
  },
  { what: 'Slack token', starts: ['xoxa-', 'xoxr-'], rest: /(?:\d-)?[0-9A-Za-z][0-9A-Za-z-]{7,}/y, bits: 2 },
  { what: 'Slack token', starts: ['xapp-'], rest: /\d-[A-Za-z0-9]{6,20}-\d{8,20}-[A-Za-z0-9]{20,}/y },
  {
    what: 'Slack webhook',
    starts: ['hooks.slack.com/services/', 'hooks.slack.com/workflows/', 'hooks.slack.com/triggers/'],
    rest: /[A-Za-z0-9+/]{36,}/y,
    keepStart: true,
  },
  { what: 'Sourcegraph token', starts: ['sgp_'], rest: /(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}(?!\w)/y },
  { what: 'SonarQube token', starts: ['squ_', 'sqp_', 'sqa_'], rest: /[A-Za-z0-9]{40}/y },
  { what: 'Square token', starts: ['EAAA', 'sq0atp-', 'sq0csp-'], rest: /[\w-]{22,60}(?!\w)/y },
  {
    what: 'Stripe key',
    starts: ['sk_test_', 'sk_live_', 'sk_prod_', 'rk_test_', 'rk_live_', 'rk_prod_', 'whsec_'],
    rest: /[A-Za-z0-9]{10,}/y,
  },
  { what: 'Tailscale key', starts: ['tskey-'], rest: /[a-z]{2,12}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,}/y },
  {
    what: 'Teams webhook',
    starts: ['webhook.office.com/webhookb2/'],
    rest: /[\w@-]{36,}\/[A-Za-z]{3,20}\/[\w/-]{32,}/y,
    keepStart: true,
  },
  { what: 'Twilio key', starts: ['SK'], rest: /[0-9a-f]{32}(?!\w)/y, bits: 2.5 },
  { what: 'Vault token', starts: ['hvs.', 'hvb.'], rest: /[\w-]{90,}/y },
  {
    what: 'Vault token',
    starts: ['s.'],
    rest: /(?=[a-zA-Z]{0,23}\d)(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}(?![\w.])/y,
  },
  { what: 'Weights & Biases key', starts: ['wandb_v1_'], rest: /\w{60,}/y },
  { what: 'xAI key', starts: ['xai-'], rest: /[A-Za-z0-9]{80}/y },
]

/** Whether what was matched is a key and no example of one. */
export function isKey(format: Format, body: string): boolean {
  const bits = format.bits ?? 3
  if (bits > 0 && (entropy(body) < bits || isPlaceholder(body))) return false
  return format.unless?.(body) !== true
}
