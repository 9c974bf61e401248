import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { ActionInfo } from '../../../core/action.ts'
import type { PlaybookInfo } from '../../../core/playbook.ts'
import { type CommonOptions, type Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { lintText } from '../text/lint.ts'
import { playbooksText } from '../text/playbooks.ts'
import { sarif } from '../text/sarif.ts'
import { table } from '../text/table.ts'
import { addCommand } from './define.ts'

type LintOptions = CommonOptions & { readonly format?: 'text' | 'json' | 'sarif' }

/** Commands that open no store and need no bot. */
export function addFileCommands(program: Command, session: Session): void {
  const { files, version } = session.deps
  addCommand(program, 'lint [paths...]', 'check playbooks and firebreak.yaml; exit code 2 when one is wrong')
    .addOption(new Option('--format <format>', 'text, json or sarif').choices(['text', 'json', 'sarif']))
    .action(async (paths: string[], { json, format }: LintOptions) => {
      const report = await files.lint(paths)
      if (report.diagnostics.some(({ severity }) => severity === 'error')) session.endWith(2)
      const asSarif = format === 'sarif'
      const options = json === true || asSarif || format === 'json' ? { json: true as const } : {}
      session.print(options, lintText(report, session.paint), asSarif ? sarif(report, version) : report)
    })
  addCommand(program, 'playbooks [paths...]', 'list playbooks with their inputs').action(
    async (paths: string[], options: CommonOptions) => {
      const infos: readonly PlaybookInfo[] = await files.playbookInfos(paths)
      session.print(options, playbooksText(infos, session.paint), infos)
    },
  )
  addCommand(program, 'actions', 'list the actions that playbooks can use').action(
    async (options: CommonOptions) => {
      const infos = await files.actions()
      session.print(options, actionsText(infos, session), infos.map(actionJson))
    },
  )
}

function actionsText(infos: readonly ActionInfo[], { paint }: Session): string {
  const rows = infos.map(({ name, effect, title }) => [name, effect, title].map(clean))
  return table(['ACTION', 'EFFECT', 'WHAT IT DOES'], rows, { paint })
}

/** Everything about an action that is data, its types as JSON Schema. */
function actionJson({ provider, input, output, ...info }: ActionInfo): object {
  const { name, title, effect, contract, permissions } = info
  const schemas = { input: schemaOf(input), output: schemaOf(output) }
  return { name, title, effect, provider: provider.name, contract, permissions, ...schemas }
}

/** A `Secret` has no JSON Schema: it shows as a schema that says nothing. */
function schemaOf(type: z.ZodType): object {
  return z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' })
}
