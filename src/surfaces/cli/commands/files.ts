import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { ListedAction, Effect } from '../../../core/action.ts'
import type { PlaybookInfo } from '../../../core/playbook.ts'
import { hasWords } from '../search.ts'
import type { CommonOptions, Session } from '../session.ts'
import { annotations } from '../text/annotations.ts'
import { clean } from '../text/clean.ts'
import { lintText } from '../text/lint.ts'
import { playbooksText } from '../text/playbooks.ts'
import { sarif } from '../text/sarif.ts'
import { table } from '../text/table.ts'
import { addCommand } from './define.ts'

const lintFormats = ['text', 'json', 'sarif', 'github'] as const

/** The compiler asks for a new effect here too. */
const effects = Object.keys({
  read: true,
  notify: true,
  wait: true,
  manual: true,
  reversible: true,
  irreversible: true,
} satisfies { [E in Effect]: true })

type LintOptions = CommonOptions & { readonly format?: (typeof lintFormats)[number] }
type ActionsOptions = CommonOptions & { readonly effect?: Effect }
type PlaybooksOptions = CommonOptions & { readonly in?: string }

/** Commands that open no store and need no bot. */
export function addFileCommands(program: Command, session: Session): void {
  addCommand(program, 'lint [paths...]', 'check playbooks and firebreak.yaml; exit code 2 when one is wrong')
    .addOption(
      new Option('--format <format>', 'text, json, sarif or github (annotations)').choices(lintFormats),
    )
    .action((paths: string[], options: LintOptions) => lint(session, paths, options))
  addCommand(
    program,
    'playbooks [words...]',
    'list playbooks with their inputs, or those that have all words',
  )
    .option('--in <path>', 'a playbook file or a folder of them (default: the stock playbooks)')
    .action((words: string[], options: PlaybooksOptions) => playbooks(session, words, options))
  addCommand(
    program,
    'actions [words...]',
    'list the actions that playbooks can use, or those that have all words in name, title or provider',
  )
    .addOption(new Option('--effect <effect>', 'only those with this effect').choices(effects))
    .action((words: string[], options: ActionsOptions) => actions(session, words, options))
}

async function lint(
  session: Session,
  paths: readonly string[],
  { json, format }: LintOptions,
): Promise<void> {
  const { files, version, io } = session.deps
  const report = await files.lint(paths)
  if (report.diagnostics.some(({ severity }) => severity === 'error')) session.endWith(2)
  switch (json === true ? 'json' : format) {
    case 'json':
      return session.print({ json: true }, '', report)
    case 'sarif':
      return session.print({ json: true }, '', sarif(report, { version, cwd: io.cwd }))
    case 'github':
      // Nothing at all when nothing is wrong: an empty line is no annotation.
      return report.diagnostics.length === 0
        ? undefined
        : session.print({}, annotations(report, io.cwd), report)
    default:
      return session.print({}, lintText(report, session.paint), report)
  }
}

async function playbooks(
  session: Session,
  words: readonly string[],
  options: PlaybooksOptions,
): Promise<void> {
  const all = await session.deps.files.playbookInfos(options.in === undefined ? [] : [options.in])
  const found = all.filter((info) => hasWords(textsOf(info), words))
  const text = found.length === 0 ? nothing('playbook', words) : playbooksText(found, session.paint)
  session.print(options, text, found)
}

function textsOf({ name, title, severity, because, covers, inputs, steps }: PlaybookInfo): string[] {
  const about = [name, title, severity, because, ...covers.atlas, ...covers.owaspLlm]
  return [...about, ...Object.keys(inputs), ...steps.flatMap(({ action, title: does }) => [action, does])]
}

async function actions(session: Session, words: readonly string[], options: ActionsOptions): Promise<void> {
  const all = await session.deps.files.actions()
  const found = all.filter(
    ({ name, title, provider, effect }) =>
      hasWords([name, title, provider.name], words) && (options.effect ?? effect) === effect,
  )
  const text = found.length === 0 ? nothing('action', words) : actionsText(found, session)
  session.print(options, text, found.map(actionJson))
}

function nothing(what: string, words: readonly string[]): string {
  return `no ${what} has ${words.length === 0 ? 'that' : words.map((word) => `"${clean(word)}"`).join(' and ')}`
}

function actionsText(infos: readonly ListedAction[], { paint }: Session): string {
  const rows = infos.map(({ name, effect, title }) => [name, effect, title].map(clean))
  return table(['ACTION', 'EFFECT', 'WHAT IT DOES'], rows, { paint })
}

/** Everything about an action that is data, its types as JSON Schema. */
function actionJson({ provider, input, output, ...info }: ListedAction): object {
  const { name, title, effect, contract, permissions } = info
  const schemas = { input: schemaOf(input), output: schemaOf(output) }
  return { name, title, effect, provider: provider.name, contract, permissions, ...schemas }
}

/** A `Secret` has no JSON Schema: it shows as a schema that says nothing. */
function schemaOf(type: z.ZodType): object {
  return z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' })
}
