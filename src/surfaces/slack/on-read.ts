import type { Message } from './block.ts'
import { helpCard, playbooksCard, refusalCard, runsCard } from './cards.ts'
import type { ReadCommand } from './command-line.ts'
import type { Desk } from './desk.ts'
import { accountOf } from './desk.ts'
import { modelOf } from './model.ts'
import { runMessage } from './run-message.ts'

type Asker = { readonly user: string; readonly team: string | null | undefined }

/** Questions change nothing, but guests and other organisations get no answers. */
export async function onRead(desk: Desk, { user, team }: Asker, command: ReadCommand): Promise<Message> {
  const account = await accountOf(desk, user, team)
  if (account.via === 'slack' && account.standing !== 'member' && account.standing !== 'unknown') {
    desk.log.info({ user, standing: account.standing, command: command.word }, 'slack account refused')
    return refusalCard({
      code: 'authority.bad-standing',
      message: `Your account is ${account.standing} here, and Firebreak answers full members of the workspace only.`,
      remedy: 'Ask a member of the workspace.',
    })
  }
  switch (command.word) {
    case 'help':
      return helpCard(desk.app.person(account)?.name, user)
    case 'playbooks':
      return playbooksCard(desk.app.playbooks())
    case 'status':
      if (command.run !== undefined) return runMessage(await modelOf(desk.app, command.run))
      return runsCard(await desk.app.runs({ limit: 5 }), await desk.app.frozen())
  }
}
