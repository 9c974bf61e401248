import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const head = (name: string) => `name: ${name}
title: Bench ${name}
severity: low
because: drill
inputs:
  accessKeyId: { type: string, pattern: "^AKIA[A-Z0-9]{16}$", description: Key to switch off }
steps:
  owner: { action: aws.find-access-key, with: { accessKeyId: "\${{ inputs.accessKeyId }}" } }
`
const step = (id: string, verb: string, more = '') =>
  `  ${id}: { action: aws.${verb}-access-key, ${more}with: { userName: "\${{ steps.owner.userName }}", accessKeyId: "\${{ inputs.accessKeyId }}" } }\n`

/** Five steps on one key, off and on again: the world is afterwards as it was. */
export const switching = [
  head('switching'),
  step('off', 'deactivate'),
  step('on', 'activate', 'after: [off], '),
  step('offAgain', 'deactivate', 'after: [on], '),
  step('onAgain', 'activate', 'after: [offAgain], '),
].join('')

/** What an alert starts: find the owner, switch the key off. */
const containing = head('containing') + step('off', 'deactivate')

const approved =
  head('approved') + step('off', 'deactivate', 'approve: { from: approver, count: 1, within: 30m }, ')

/** Every service that an action knows, once. */
const touching = `${head('touching')}  events: { action: aws.lookup-events, with: { accessKeyId: "\${{ inputs.accessKeyId }}", hours: 1 } }
  gpus: { action: kubernetes.find-gpu-workloads, with: { namespace: inference } }
  secret: { action: aws.rotate-secret, with: { secretId: prod/model-registry-token }, approve: { from: approver, count: 1, within: 30m } }
`

/** A folder with the playbooks of the bench. */
export function writePlaybooks(folder: string): string {
  const path = join(folder, 'playbooks')
  mkdirSync(path)
  for (const [name, text] of Object.entries({ switching, containing, approved, touching }))
    writeFileSync(join(path, `${name}.yaml`), text)
  return path
}
