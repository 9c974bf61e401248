import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { createLog } from '../log.ts'
import { startSlack, type SlackSandbox } from '../sandbox/slack/server.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { startBot } from './bot.ts'
import { demoPage } from './demo-page.ts'
import { stockPlaybooks } from './files.ts'
import { startWorld, type World } from './world.ts'

/** The whole bot, unmodified, against stand-ins on this machine: a page that looks like Slack, a cluster, an AWS account. */
export const demo: OwnerCommands['demo'] = async ({ port, signal }, say) => {
  const world = await startWorld()
  const token = randomBytes(24).toString('base64url')
  const bot: { url: string } = { url: '' }
  const slack = await startSlack({
    ...(port === undefined ? {} : { port }),
    demo: demoPage(world, { alertUrl: () => `${bot.url}/alerts/alertmanager`, token }),
  })
  const state = mkdtempSync(join(tmpdir(), 'firebreak-demo-'))
  try {
    const config = demoConfig(world, slack, { state, token })
    const running = await startBot(config, state, createLog(process.env['FIREBREAK_LOG_LEVEL'] ?? 'fatal'))
    bot.url = running.url
    say(slack.url)
    if (!signal.aborted) await once(signal, 'abort')
    await running.close()
  } finally {
    await slack.close()
    await world.close()
    rmSync(state, { recursive: true, force: true })
  }
}

type Place = { readonly state: string; readonly token: string }

function demoConfig(world: World, slack: SlackSandbox, { state, token }: Place): Config {
  const text = stringify({
    state,
    playbooks: stockPlaybooks,
    listen: { port: 0 },
    slack: {
      botToken: { env: 'SANDBOX_SLACK_BOT' },
      appToken: { env: 'SANDBOX_SLACK_APP' },
      apiUrl: slack.apiUrl,
      channel: 'C0INCIDENT',
      auditChannel: 'C0AUDIT001',
    },
    providers: world.providers,
    people,
    alerts: { sources: { alertmanager: { token: { env: 'SANDBOX_ALERT_TOKEN' } } }, routes },
  })
  const env = {
    ...world.env,
    SANDBOX_SLACK_BOT: slack.botToken,
    SANDBOX_SLACK_APP: slack.appToken,
    SANDBOX_ALERT_TOKEN: token,
  }
  return parseConfig(text, join(state, 'firebreak.yaml'), env)
}

const people = [
  { id: 'rosa', name: 'Rosa', slack: 'U0ROSA0001', roles: ['responder'] },
  { id: 'amir', name: 'Amir', slack: 'U0AMIR0002', roles: ['responder', 'approver'] },
  { id: 'chen', name: 'Chen', slack: 'U0CHEN0003', roles: ['responder', 'approver'] },
]

const routes = [
  {
    name: 'gpu-endpoint-compromised',
    source: 'alertmanager',
    match: { alertname: 'GpuEndpointCompromised' },
    mode: 'propose',
    playbook: 'compromised-gpu-endpoint',
    inputs: {
      namespace: '${{ alert.labels[?"namespace"].orValue("") }}',
      name: '${{ alert.labels[?"deployment"].orValue("") }}',
    },
    approve: { from: 'approver', count: 1, within: '15m' },
  },
  { name: 'noise', source: 'alertmanager', match: { severity: 'info' }, mode: 'ignore' },
]
