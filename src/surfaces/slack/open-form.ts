import type { Account } from '../../core/person.ts'
import type { Message } from './block.ts'
import { exampleOf, refusalText } from './cards.ts'
import type { Refusal } from './cards.ts'
import type { Desk } from './desk.ts'
import { accountOf } from './desk.ts'
import type { FormMemory } from './form.ts'
import { loadingView, noticeView, startForm } from './form.ts'
import { refusalCard } from './cards.ts'

type Opening = {
  readonly trigger: string
  readonly memory: FormMemory
  readonly user: string
  readonly team: string | null | undefined
}

/**
 * Opens the form: first an empty one, because a trigger lives for 3 s and everything else can be slow; then, when it
 * is known who asks, its content. Returns what to tell when no form could be opened.
 */
export async function openForm(
  desk: Desk,
  { trigger, memory, user, team }: Opening,
): Promise<Message | undefined> {
  const opened = await desk.web.openView(trigger, loadingView())
  if (!opened.ok) {
    desk.log.warn({ fault: opened.fault }, 'slack form not opened')
    return refusalCard(notOpened(desk, memory))
  }
  const refusal = mayAsk(desk, await accountOf(desk, user, team))
  const view =
    refusal === undefined
      ? startForm({ memory, playbooks: desk.app.playbooks(), freeze: await desk.app.frozen() })
      : noticeView(refusalText(refusal))
  const updated = await desk.web.updateView(opened.value, view)
  if (!updated.ok) desk.log.warn({ fault: updated.fault }, 'slack form not filled')
  return undefined
}

function notOpened(desk: Desk, memory: FormMemory): Refusal {
  const playbook = desk.app.playbooks().find(({ name }) => name === memory.playbook)
  const example = playbook === undefined ? '/firebreak run <playbook> key=value …' : exampleOf(playbook)
  return {
    code: '',
    message: 'Slack did not open the form in time.',
    remedy: `Try again, or type it: ${example}`,
  }
}

/** Told before somebody fills in a form in vain. The app decides again, and records, when it is submitted. */
function mayAsk({ app, log }: Desk, account: Account): Refusal | undefined {
  if (account.via !== 'slack') return undefined
  const { standing, user } = account
  if (standing !== 'member' && standing !== 'unknown') {
    log.info({ user, standing }, 'slack account refused')
    return {
      code: 'authority.bad-standing',
      message: `Your account is ${standing} here, and only full members of the workspace start or decide anything.`,
      remedy: 'Ask a member of the workspace.',
    }
  }
  if (app.person(account) !== undefined) return undefined
  log.info({ user, standing }, 'slack account is bound to no person')
  return {
    code: 'authority.unknown-account',
    message: `Your Slack account ${user} is bound to no person.`,
    remedy: `Have “slack: ${user}” added to your entry under people in firebreak.yaml, and Firebreak restarted.`,
  }
}
