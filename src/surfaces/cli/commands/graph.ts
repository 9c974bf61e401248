import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { FirebreakError } from '../../../core/errors.ts'
import type { PlaybookInfo } from '../../../core/playbook.ts'
import type { RunState } from '../../../core/run.ts'
import { RunAnswer } from '../../../core/wire-views.ts'
import { type GraphFormat, graphFormats } from '../deps.ts'
import { badUsage, type CommonOptions, type Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { addClientCommand } from './define.ts'

type GraphOptions = CommonOptions & {
  readonly format?: GraphFormat
  readonly output?: string
  readonly columns?: number
  readonly run?: string
}

/** Wider rows are legible on no screen. */
const MOST_COLUMNS = 12

/** `graph P`: a drawing of a playbook. With `--run` it asks the running bot, else it needs none. */
export function addGraph(program: Command, session: Session): void {
  addClientCommand(program, 'graph [playbook]', 'draw a playbook, by its name or its file')
    .addOption(
      new Option('--format <format>', 'mermaid, svg or png (default: as FILE ends, else mermaid)').choices(
        graphFormats,
      ),
    )
    .option('-o, --output <file>', 'write it there')
    .option('--columns <count>', 'most steps side by side (default: 2, which fits a phone)', columnsOf)
    .option('--run <run>', 'as this run of the bot stands: what is done, failed, waiting')
    .action((playbook: string | undefined, options: GraphOptions) => draw(session, playbook, options))
}

async function draw(session: Session, playbook: string | undefined, options: GraphOptions): Promise<void> {
  const { output, columns } = options
  const format = options.format ?? formatOf(output)
  if (format === 'png' && output === undefined) {
    throw badUsage('a PNG is no text to print', 'Name a file: firebreak graph PLAYBOOK -o FILE.png.')
  }
  const what = await subject(session, playbook, options)
  const drawn = await session.deps.graph.draw({
    ...what,
    format,
    ...(columns === undefined ? {} : { columns }),
  })
  if (output === undefined) {
    const text = String(drawn).trimEnd()
    session.print(options, text, { format, text })
    return
  }
  await write(resolve(session.deps.io.cwd, output), drawn)
  session.print(options, `wrote ${clean(output)}`, { format, file: output, bytes: Buffer.byteLength(drawn) })
}

type Subject = { readonly info: PlaybookInfo; readonly run?: RunState }

/** A run keeps the playbook that it was started with, so its own is drawn, whatever the file says by now. */
async function subject(
  session: Session,
  playbook: string | undefined,
  options: GraphOptions,
): Promise<Subject> {
  if (options.run !== undefined) {
    const path = `/v1/runs/${encodeURIComponent(options.run)}`
    const view = await session.control(options).get(path, RunAnswer)
    if (playbook !== undefined && playbook !== view.playbook.name) {
      throw badUsage(
        `run ${options.run} is one of ${view.playbook.name}, not of ${playbook}`,
        'Leave the playbook out: the run knows its own.',
      )
    }
    return { info: view.playbook, run: view.state }
  }
  if (playbook === undefined) {
    throw badUsage('no playbook is named', 'Name one, by its name or its file, or a run with --run.')
  }
  return { info: await session.deps.graph.playbook(playbook) }
}

function formatOf(output: string | undefined): GraphFormat {
  const ending = extname(output ?? '').slice(1)
  return graphFormats.find((format) => format === ending) ?? 'mermaid'
}

async function write(file: string, drawn: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, drawn)
  } catch (cause) {
    throw new FirebreakError('usage.output', `${file} cannot be written`, {
      remedy: 'Name a file in a folder that exists and that you may write to.',
      cause,
    })
  }
}

function columnsOf(text: string): number {
  const columns = Number(text)
  if (/^\d+$/.test(text) && columns >= 1 && columns <= MOST_COLUMNS) return columns
  throw new InvalidArgumentError(`It is a number from 1 to ${MOST_COLUMNS}.`)
}
