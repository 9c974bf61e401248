import type { AnchorStatus } from '../audit/anchors/keeper.ts'
import { contradicts, type Comparison } from '../audit/anchors/compare.ts'
import type { SinkStatus } from '../audit/sinks/pump.ts'
import type { AnchorReport } from '../core/app.ts'
import type { DoctorPart } from '../core/wire.ts'

export function reportOf(comparison: Comparison): AnchorReport {
  const { name, place, state } = comparison
  return { name, place, state, contradicts: contradicts(comparison), says: wordsOf(comparison) }
}

function wordsOf(comparison: Comparison): string {
  switch (comparison.state) {
    case 'ok':
      return `the log extends what it remembers, up to ${comparison.size} entries (${comparison.compared} compared${others(comparison.ignored)})`
    case 'empty':
      return 'it holds no checkpoint of this log'
    case 'foreign':
      return `it holds no checkpoint that a key of this log has signed, and ${comparison.ignored} of this name that others have`
    case 'behind':
      return `it remembers ${comparison.size} entries, and the log had ${comparison.has}: entry ${comparison.has} and what followed are gone`
    case 'forked':
      return `it remembers another log: what is before entry ${comparison.size} was rewritten`
    case 'unreachable':
      return `it cannot be asked: ${comparison.why}`
  }
}

function others(ignored: number): string {
  return ignored === 0 ? '' : `, and passed over ${ignored} of this name that no key of the log has signed`
}

/** Why the bot stops itself. */
export function distrustOf(wrong: readonly AnchorReport[]): string {
  return wrong
    .map(({ name, place, says }) => `anchor ${name} (${place}) contradicts the log: ${says}`)
    .join('; ')
}

export function sinkPart({ name, place, lag, refused, failing }: SinkStatus): DoctorPart {
  const lost = refused.count === 0 ? [] : [`${refused.count} entries refused for good`]
  const detail = [`${lag} entries behind`, ...lost, ...failingWords(failing)].join('; ')
  const remedy = 'Look at the receiver; what has not arrived is sent again by itself.'
  return {
    name: `sink/${name}`,
    identity: place,
    ok: failing === undefined,
    detail,
    ...(failing && { remedy }),
  }
}

type Anchored = { readonly status: AnchorStatus; readonly report: AnchorReport | undefined }

export function anchorPart({ status, report }: Anchored): DoctorPart {
  const { name, place, size, failing } = status
  const detail = [
    report?.says ?? 'it was not compared yet',
    ...(size === undefined ? [] : [`the last checkpoint put there has ${size} entries`]),
    ...failingWords(failing),
  ].join('; ')
  const ok = failing === undefined && (report === undefined || isFine(report))
  return { name: `anchor/${name}`, identity: place, ok, detail, ...(ok ? {} : { remedy: remedyOf(report) }) }
}

function remedyOf(report: AnchorReport | undefined): string {
  if (report?.contradicts === true)
    return 'Ask who changed the log before anybody thaws: `firebreak audit verify --anchors`. Keep the anchor as it is.'
  return report?.state === 'foreign'
    ? 'Ask who made the log anew. If it was meant, give the log another origin or the anchor another place: here it gets no checkpoints.'
    : 'Bring the place back: the bot goes on without it, and what could be compared there is not.'
}

function isFine({ state }: AnchorReport): boolean {
  return state === 'ok' || state === 'empty'
}

function failingWords(failing: SinkStatus['failing']): string[] {
  return failing === undefined
    ? []
    : [`failing since ${failing.since}, ${failing.tries} tries: ${failing.why}`]
}
