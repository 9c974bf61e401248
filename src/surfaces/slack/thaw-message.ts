import type { Freeze } from '../../core/ports.ts'
import { section } from './block.ts'
import { buttonRow, confirm } from './button.ts'
import { actionIds } from './ids.ts'
import { page, type Page } from './page.ts'
import { prose } from './text.ts'
import { clock } from './words.ts'

/** Who wants a freeze lifted. */
export type Pledge = {
  readonly since: string
  readonly reason: string
  readonly asked: readonly { readonly person: string; readonly reason: string }[]
  /** Those who have lifted it together. */
  readonly lifted?: readonly string[] | undefined
}

/**
 * A post for each who says so, because edits notify nobody; the last one has the button for the next. Who was the last
 * that it took needs none: the posts that are there say that it is lifted.
 */
export function thawPages(pledge: Pledge, open: boolean, posted: ReadonlySet<string>): readonly Page[] {
  const last = pledge.asked.length - 1
  return pledge.asked
    .map((_, at) => (open ? openPage(pledge, at, at === last) : closedPage(pledge, at)))
    .filter(({ key }, at) => open || at < last || posted.has(key))
}

function openPage(pledge: Pledge, at: number, isLast: boolean): Page {
  const { since, reason, asked } = pledge
  const said = asked[at]
  const names = asked.slice(0, at + 1).map(({ person }) => prose(person, 60))
  const who = prose(said?.person ?? '', 60)
  const why = said === undefined || said.reason === '' ? '' : `: ${prose(said.reason, 500)}`
  const more = isLast
    ? ` It takes more people: press “Thaw too”, or type /firebreak thaw with a reason. So far: ${names.join(', ')}.`
    : ''
  const text = `🧊 *${who}* wants to thaw Firebreak${why}. It is frozen since ${clock(since)}: ${prose(reason, 500)}.${more}`
  return page(`ask:${at}`, 'channel', {
    text,
    blocks: [section(text), ...(isLast ? button(since, at) : [])],
  })
}

function button(since: string, at: number) {
  return buttonRow(`thaw-${at}`, [
    {
      action: actionIds.thaw,
      label: 'Thaw too',
      aloud: 'Say that Firebreak is to be thawed, as others do',
      value: encodeURIComponent(since),
      confirm: confirm(
        'Thaw too?',
        'You say that the freeze is to be lifted. With enough people it is, and steps may change things again.',
        'Thaw too',
      ),
    },
  ])
}

function closedPage({ asked, lifted }: Pledge, at: number): Page {
  const who = prose(asked[at]?.person ?? '', 60)
  const why = asked[at]?.reason ?? ''
  const said = why === '' ? '' : `: ${prose(why, 500)}`
  const by = (lifted ?? []).map((person) => prose(person, 60)).join(', ')
  const text =
    lifted === undefined
      ? `☑️ *${who}* wanted to thaw Firebreak${said}. That freeze is not set any more.`
      : `💧 Thawed${by === '' ? '' : ` by ${by}`}. *${who}* had asked for it${said}.`
  return page(`ask:${at}`, 'channel', { text, blocks: [section(text)] })
}

/** For lists and forms: that it is frozen, why, and who has said that it is to be thawed. */
export function frozenText({ reason, since, thaw }: Freeze): string {
  const names = [...new Set(thaw.map(({ person }) => prose(person, 60)))].join(', ')
  const said = names === '' ? '' : `\nTo be thawed, say so far: ${names}`
  return `🧊 *Frozen* since ${clock(since)}: ${prose(reason, 300)}${said}`
}
