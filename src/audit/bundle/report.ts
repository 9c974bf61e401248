import { z } from 'zod'
import { nameOf } from '../../core/person.ts'
import { Plan } from '../../core/plan.ts'
import { inline, table } from './markdown.ts'
import type { EntryRecord } from './record.ts'

const Requested = z.looseObject({
  mode: z.string(),
  because: z.string(),
  playbook: z.looseObject({ name: z.string(), title: z.string(), digest: z.string() }),
  reason: z.string().optional(),
})
const Approval = z.looseObject({
  person: z.string(),
  request: z.string(),
  digest: z.string().optional(),
  evidence: z.looseObject({ kind: z.string() }),
})

/** What the report says of a fact in a word or two: the first of these that its data has. */
const TELLING = ['reason', 'message', 'why', 'verdict', 'person', 'name', 'digest', 'request'] as const

/**
 * The readable part of a bundle. It is made from the entries alone and always alike, so that whoever verifies the bundle
 * makes it again and compares: nobody can put another story beside true entries.
 */
export function reportText(run: string, records: readonly EntryRecord[]): string {
  return [
    `# Run ${inline(run)}`,
    about(records),
    '## Plans',
    ...plans(records),
    '## Decisions',
    decisions(records),
    '## What happened',
    timeline(records),
    '## Proof',
    PROOF,
    '',
  ].join('\n\n')
}

const PROOF = `Each file in \`entries/\` holds an entry, byte for byte, and the proof that it is in the log of the signed
checkpoint (c2sp.org/tlog-proof). \`firebreak audit verify FOLDER --key VKEY\` checks all of it offline; the key must come
from elsewhere than this folder. \`SHA256SUMS\` is read by \`sha256sum -c\`. A signed decision is checked with
\`ssh-keygen -Y check-novalidate -n firebreak-decision -s approvals/SEQ.sig < approvals/SEQ.message\`.`

function about(records: readonly EntryRecord[]): string {
  const first = records.find(({ type }) => type === 'run.requested')
  const requested = Requested.safeParse(first?.data)
  const last = records.findLast(({ type }) => type.startsWith('run.'))
  const lines = [
    ...(requested.success
      ? requestLines(requested.data)
      : ['What was asked for has been deleted by retention.']),
    `Asked by ${first === undefined ? 'nobody that is known' : inline(nameOf(first.actor))}, at ${inline(first?.time ?? '')}`,
    `Last state: ${inline(last?.type ?? 'unknown')}, at ${inline(last?.time ?? '')}`,
  ]
  return lines.map((line) => `- ${line}`).join('\n')
}

function requestLines({ mode, because, playbook, reason }: z.infer<typeof Requested>): string[] {
  const { title, name, digest } = playbook
  return [
    `${inline(title)} (playbook ${inline(name)}, ${inline(digest)}), ${inline(mode)}, because of: ${inline(because)}`,
    ...(reason === undefined ? [] : [`Reason given: ${inline(reason)}`]),
  ]
}

function plans(records: readonly EntryRecord[]): string[] {
  return records
    .filter(({ type }) => type === 'run.planned')
    .map(({ seq, data }) => {
      const plan = Plan.safeParse(data?.['plan'])
      if (!plan.success) return `Entry ${seq}: the plan has been deleted by retention.`
      const { digest, lines } = plan.data
      const rows = lines.map(({ step, action, change, summary }) =>
        [step, action, change?.target.id ?? '', summary].map(inline),
      )
      return `Entry ${seq}, ${inline(digest)}\n\n${table(['Step', 'Action', 'Target', 'What it does'], rows)}`
    })
}

function decisions(records: readonly EntryRecord[]): string {
  const rows = records.flatMap(({ seq, time, type, data }) => {
    const said = Approval.safeParse(data)
    if (!type.startsWith('approval.') || !said.success) return []
    const { person, request, digest = '', evidence } = said.data
    return [[String(seq), ...[time, type, person, request, digest, evidence.kind].map(inline)]]
  })
  if (rows.length === 0) return 'Nobody was asked, or what was said has been deleted by retention.'
  return table(['Entry', 'Time', 'Decision', 'Person', 'Request', 'Plan', 'By'], rows)
}

function timeline(records: readonly EntryRecord[]): string {
  const rows = records.map(({ seq, time, type, step = '', actor, data }) => [
    String(seq),
    ...[time, type, step, nameOf(actor), detailOf(data)].map(inline),
  ])
  return table(['Entry', 'Time', 'Fact', 'Step', 'Who', 'In short'], rows)
}

function detailOf(data: EntryRecord['data']): string {
  if (data === undefined) return 'deleted by retention'
  const told = TELLING.map((key) => data[key]).find((value) => typeof value === 'string')
  return typeof told === 'string' ? told : ''
}
