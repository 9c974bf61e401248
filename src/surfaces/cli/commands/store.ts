import type { Command } from 'commander'
import type { CommonOptions, Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { addCommand } from './define.ts'

type CopyOptions = CommonOptions & { readonly config?: string }

/** `store copy FROM TO`. */
export function addStore(program: Command, session: Session): void {
  const store = program.command('store').description('move the log between stores')
  addCommand(
    store,
    'copy <from> <to>',
    'move the log, verified, and end it where it was: a state folder, postgres://HOST/DATABASE, or env:NAME of such an address',
  )
    .option('--config <file>', 'firebreak.yaml (default: FIREBREAK_CONFIG)')
    .option(
      '--state <folder>',
      'where the signing key lies, when FROM is no folder (default: the configured one)',
    )
    .action(async (from: string, to: string, { config, state, ...options }: CopyOptions) => {
      const { owner, io } = session.deps
      const moved = await owner.copyStore({
        from,
        to,
        env: io.env,
        user: io.user,
        ...(config === undefined ? {} : { config }),
        ...(state === undefined ? {} : { state }),
      })
      const how = moved.resumed ? 'an earlier copy was finished' : 'every row was read back and is the same'
      const told = [
        `${moved.size} entries are in ${moved.to}: ${how}`,
        `root ${moved.root}`,
        `${moved.from} has ended and can only be read. Set firebreak.yaml to ${moved.to}, then start the bot.`,
      ]
      session.print(options, told.map(clean).join('\n'), moved)
    })
}
