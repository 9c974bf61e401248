import type { KnownBlock } from '@slack/types'
import { section } from './block.ts'
import { page, type Page } from './page.ts'
import type { StormView } from './storm-view.ts'
import { code, count, mention } from './text.ts'
import { clock } from './words.ts'

/** How the storm stands, in one sentence: what needs people first. */
export function stormSentence(storm: StormView): string {
  const { route, since, started, counts } = storm
  const parts = [
    some(counts.asks, 'asks for approval', 'ask for approval'),
    some(counts.hands, 'needs a person', 'need a person'),
    some(counts.acts, 'acts', 'act'),
    waits(storm),
    some(counts.done, 'is done', 'are done'),
    some(counts.failed, 'has failed', 'have failed'),
    some(counts.stopped, 'was stopped or refused', 'were stopped or refused'),
  ].filter((part) => part !== '')
  return `🌩️ The route ${code(route, 60)} has started ${count(started, 'run')} since ${clock(since)}: ${parts.join(', ')}.`
}

function some(n: number, one: string, many: string): string {
  return n === 0 ? '' : `${n} ${n === 1 ? one : many}`
}

function waits({ counts, commonest }: StormView): string {
  const said = some(counts.waits, 'waits', 'wait')
  if (said === '' || commonest === undefined) return said
  const { why, runs } = commonest
  return runs === counts.waits ? `${said} for ${why}` : `${said}, ${runs} of them for ${why}`
}

/** On top of the message in whose thread the storm is. */
export function stormNote(storm: StormView): readonly KnownBlock[] {
  const { runs } = storm.calling
  const who = runs.length === 0 ? '' : `\n✋ Waiting for people in the thread: ${someRuns(runs)}`
  return [section(`*${stormSentence(storm)}*\nAll but the first ones are in the thread.${who}`)]
}

const SHOWN = 10

function someRuns(runs: readonly string[]): string {
  const shown = runs
    .slice(0, SHOWN)
    .map((run) => code(run, 60))
    .join(', ')
  return runs.length > SHOWN ? `${shown} and ${runs.length - SHOWN} more` : shown
}

/**
 * Nobody is notified of a reply or of an edit, and a call for each run would be the storm again: people are called once
 * for all that wait, and anew when some wait after none did; of those that fail it is told once.
 */
export function stormPages(storm: StormView, link: string): readonly Page[] {
  const { calls, failedReplies } = storm
  const where = link === '' ? 'in the thread of its first one' : `in <${link}|the thread of its first one>`
  return [
    ...(calls === 0 ? [] : [said(`calls:${calls}`, callText(storm, where))]),
    ...(failedReplies === 0 ? [] : [said('storm-failed', failedText(storm, where))]),
  ]
}

function said(key: string, text: string): Page {
  return { ...page(key, 'channel', { text, blocks: [section(text)] }), slow: true }
}

function callText({ route, calling }: StormView, where: string): string {
  const { runs, people } = calling
  if (runs.length === 0)
    return `☑️ No run of the route ${code(route, 60)} waits for people in the thread any more.`
  const callees = people.slice(0, 20).map(mention).join(' ')
  const wait = runs.length === 1 ? 'waits' : 'wait'
  return `✋ ${callees}${callees === '' ? '' : ' '}${count(runs.length, 'run')} of the route ${code(route, 60)} ${wait} for people, ${where}: ${someRuns(runs)}.`
}

function failedText({ route, failedReplies }: StormView, where: string): string {
  const have = failedReplies === 1 ? 'has' : 'have'
  return `❌ ${count(failedReplies, 'run')} of the route ${code(route, 60)} ${have} failed, ${where}.`
}
