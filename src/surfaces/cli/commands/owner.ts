import { type Command, InvalidArgumentError } from 'commander'
import type { Rehearsal } from '../deps.ts'
import type { CommonOptions, Session } from '../session.ts'
import { clean, toJsonLine } from '../text/clean.ts'
import { runText } from '../text/run.ts'
import { span } from '../text/time.ts'
import { addCommand } from './define.ts'

type OwnerOptions = CommonOptions & { readonly config?: string }
type DemoOptions = CommonOptions & { readonly port?: number }

/** Commands that open the state themselves: `serve`, `demo`, `rehearse`. */
export function addOwnerCommands(program: Command, session: Session): void {
  const { owner, io } = session.deps
  ownerCommand(program, 'serve', 'run the bot').action(async (options: OwnerOptions) => {
    await owner.serve({ ...foldersOf(options), signal: io.signal })
  })
  addCommand(
    program,
    'demo',
    'run the bot against stand-ins, with a page to use it on; nothing leaves this machine',
  )
    .option('--port <number>', 'port of the page (default: a free one)', portOf)
    .action(async ({ json, port }: DemoOptions) => {
      const say = (line: string): void =>
        io.stdout(`${json === true ? toJsonLine({ message: line }) : line}\n`)
      await owner.demo({ ...(port === undefined ? {} : { port }), signal: io.signal }, say)
    })
  ownerCommand(program, 'rehearse [playbooks...]', 'run playbooks in full against the sandbox').action(
    (playbooks: string[], options: OwnerOptions) => rehearse(session, playbooks, options),
  )
}

function ownerCommand(program: Command, usage: string, summary: string): Command {
  return addCommand(program, usage, summary)
    .option('--config <file>', 'firebreak.yaml (default: FIREBREAK_CONFIG)')
    .option('--state <folder>', 'state folder (default: the one of the configuration)')
}

function foldersOf({ config, state }: OwnerOptions): { config?: string; state?: string } {
  return { ...(config === undefined ? {} : { config }), ...(state === undefined ? {} : { state }) }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}

async function rehearse(
  session: Session,
  playbooks: readonly string[],
  options: OwnerOptions,
): Promise<void> {
  const done = (rehearsal: Rehearsal): void => {
    if (options.json !== true) session.print(options, rehearsalText(rehearsal, session), rehearsal)
  }
  const all = await session.deps.owner.rehearse({ playbooks, ...foldersOf(options) }, done)
  const failed = all.filter(({ passed }) => !passed).length
  if (failed > 0) session.endWith(1)
  session.print(options, `${all.length - failed} passed, ${failed} failed`, all)
}

function rehearsalText({ playbook, passed, durationMs, view, note }: Rehearsal, { paint }: Session): string {
  const mark = passed ? paint('green', 'passed') : paint('red', 'FAILED')
  const said = note === undefined ? [] : [clean(note)]
  return [`${clean(playbook)}: ${mark} in ${span(durationMs)}`, ...said, runText(view, paint), ''].join('\n')
}
