import { type Command, InvalidArgumentError } from 'commander'
import type { Rehearsal } from '../deps.ts'
import { badUsage, type CommonOptions, type Session } from '../session.ts'
import { clean, toJsonLine } from '../text/clean.ts'
import { runText } from '../text/run.ts'
import { span } from '../text/time.ts'
import { addCommand } from './define.ts'

type OwnerOptions = CommonOptions & { readonly config?: string }
type ServeOptions = OwnerOptions & {
  readonly breakGlass?: true
  readonly reason?: string
  readonly checkpoint?: string
}
type DemoOptions = CommonOptions & { readonly port?: number }

/** Commands that open the state themselves: `serve`, `demo`, `rehearse`. */
export function addOwnerCommands(program: Command, session: Session): void {
  const { owner, io } = session.deps
  ownerCommand(program, 'serve', 'run the bot')
    .option('--break-glass', 'while PostgreSQL is gone: on a log of its own in the state folder')
    .option('--reason <text>', 'why the glass is broken')
    .option('--checkpoint <file>', 'with the last checkpoint known of the usual log (default: the one kept)')
    .action(async (options: ServeOptions) => {
      await owner.serve({ ...foldersOf(options), ...glassOf(options), signal: io.signal })
    })
  ownerCommand(
    program,
    'end-break-glass',
    'after serve --break-glass: tell the usual log, which is frozen, and each of its open runs waits to be resumed (serve does this by itself)',
  ).action(async (options: OwnerOptions) => {
    const { told } = await owner.endBreakGlass(foldersOf(options))
    const lines = told.length === 0 ? ['nothing to tell'] : told
    session.print(options, lines.map(clean).join('\n'), { told })
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

function glassOf({ breakGlass, reason, checkpoint }: ServeOptions): {
  breakGlass?: { readonly reason: string; readonly checkpoint?: string }
} {
  if (breakGlass !== true) {
    if (reason === undefined && checkpoint === undefined) return {}
    throw badUsage('--reason and --checkpoint belong to --break-glass', 'Leave them out, or break the glass.')
  }
  if (reason === undefined)
    throw badUsage('--break-glass needs a --reason', 'Say why: it is the first entry of the log.')
  return { breakGlass: { reason, ...(checkpoint === undefined ? {} : { checkpoint }) } }
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
