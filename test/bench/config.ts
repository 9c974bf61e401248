import { join } from 'node:path'
import { stringify } from 'yaml'
import { writePlaybooks } from './playbooks.ts'
import { now, type Remote } from './remote.ts'
import type { World } from './world-process.ts'

type Env = { readonly [name: string]: string }

const route = (playbook: string) => ({
  name: playbook,
  source: 'alertmanager',
  match: { alertname: playbook },
  mode: 'auto',
  playbook,
  inputs: { accessKeyId: '${{ alert.labels[?"key"].orValue("") }}' },
})

/** `firebreak.yaml` of the bench, and the environment that its secrets are in. */
export async function botConfig(
  folder: string,
  world: Remote<World>,
  slack?: { readonly slack: object; readonly env: Env; readonly person: string },
): Promise<{ readonly config: string; readonly env: Env }> {
  const { providers, env } = await world.call('config')
  const people = [
    { id: 'ann', name: 'Ann', slack: 'U0ANN', roles: ['approver'] },
    ...(slack ? [{ id: 'bo', name: 'Bo', slack: slack.person, roles: ['responder'] }] : []),
  ]
  const config = stringify({
    playbooks: writePlaybooks(folder),
    state: join(folder, 'state'),
    listen: { port: 0 },
    providers,
    ...(slack ? { slack: slack.slack } : {}),
    people,
    alerts: {
      sources: { alertmanager: { auth: 'none' } },
      routes: ['containing', 'approved', 'switching', 'touching'].map(route),
    },
  })
  return { config, env: { ...env, ...slack?.env } }
}

let alerts = 0

/** The body of a new alert about this key. */
export function alertBody(name: string, key: string): string {
  const startsAt = new Date(Date.now() - ++alerts).toISOString()
  const labels = { alertname: name, key, n: String(alerts) }
  return JSON.stringify({
    version: '4',
    status: 'firing',
    alerts: [{ status: 'firing', labels, annotations: {}, startsAt }],
  })
}

/** Posts a new alert. Returns when it was sent and when the answer was there. */
export async function postAlert(
  url: string,
  name: string,
  key: string,
): Promise<{ readonly sent: number; readonly answered: number }> {
  const body = alertBody(name, key)
  const sent = now()
  const answer = await fetch(`${url}/alerts/alertmanager`, { method: 'POST', body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the alert was answered ${answer.status}: ${text}`)
  return { sent, answered: now() }
}
