import { type Command, Option } from 'commander'
import type { PolicyAnswer, PolicyResult } from '../deps.ts'
import { badUsage, type CommonOptions, type Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { explainedText, resultsText } from '../text/policy.ts'
import { addCommand } from './define.ts'

type Configured = CommonOptions & { readonly config?: string }

type ExplainOptions = Configured & {
  readonly who?: string
  readonly group?: readonly string[]
  readonly role?: readonly string[]
  readonly route?: string
  readonly verb: string
  readonly playbook?: string
  readonly effect?: string
  readonly instance?: string
  readonly environment?: string
  readonly because?: string
  readonly severity?: string
  readonly action?: string
  readonly when?: string
  readonly targets?: number
  readonly fleet?: number
  readonly share?: string
  readonly loses?: boolean
  readonly undo?: boolean
  readonly confidence?: string
  readonly target?: readonly string[]
  readonly playbooks?: string
}

/** The table that is tried when none is named. */
const DEFAULT_TABLE = 'policy-tests.yaml'

/** `policy test` and `policy explain`: who may do what, by the file, without a bot. */
export function addPolicy(program: Command, session: Session): void {
  const policy = program.command('policy').description('who may do what, by firebreak.yaml')
  addCommand(policy, 'test [files...]', `try the expectations of tables (default: ${DEFAULT_TABLE})`)
    .option('--config <file>', 'the configuration to try, instead of the one that a table names')
    .action((files: string[], options: Configured) => test(session, files, options))
  addCommand(policy, 'explain', 'who decides about something, by which rule, and which rules lost')
    .requiredOption('--verb <verb>', 'run, plan, approve, cancel, undo, freeze, …')
    .option('--who <person>', 'id of a person')
    .option('--group <id...>', 'Slack groups that the person is in')
    .option('--role <role...>', 'instead of a person: somebody with these roles')
    .option('--route <name>', 'instead of a person: an alert by this route')
    .option('--playbook <name>', 'a playbook of the configuration, or any name with an effect or a place')
    .addOption(new Option('--effect <effect>', 'of one step, instead of all steps of the playbook'))
    .option('--instance <instance>', 'such as kubernetes/production')
    .option('--environment <name>', 'such as production')
    .option('--because <why>', 'leak, compromise, defect, abuse or drill')
    .option('--severity <severity>', 'low, medium, high or critical')
    .option('--action <action>', 'of one step, such as kubernetes.scale')
    .option('--when <time>', 'when it is to act, such as 2026-12-24T18:00:00Z (default: now)')
    .option('--targets <count>', 'how many targets the whole plan touches', Number)
    .option('--fleet <count>', 'how many things of the kind there are', Number)
    .option('--share <percent>', 'instead of --fleet: the share of them that is touched, such as 20%')
    .option('--loses', 'something is lost for ever')
    .option('--no-loses', 'nothing is lost')
    .option('--undo', 'something puts it back')
    .option('--no-undo', 'nothing puts it back')
    .option('--confidence <word>', 'verified, predicted or unknown')
    .option('--target <part...>', 'what is touched: kind=K name=N id=I namespace=N account=A label.KEY=VALUE')
    .option('--config <file>', 'configuration (default: firebreak.yaml)')
    .option('--playbooks <folder>', 'where its playbooks are on this machine')
    .action((options: ExplainOptions) => explain(session, options))
}

async function test(session: Session, files: readonly string[], options: Configured): Promise<void> {
  const { policy, io } = session.deps
  const wanted = files.length === 0 ? [DEFAULT_TABLE] : files
  const results: readonly PolicyResult[] = await policy.test(wanted, whereOf(options, io.cwd))
  if (results.some(({ passed }) => !passed)) session.endWith(1)
  session.print(options, resultsText(results, session.paint), results)
}

async function explain(session: Session, options: ExplainOptions): Promise<void> {
  const { policy, io } = session.deps
  const {
    who: _,
    group: __,
    role: ___,
    route: ____,
    json: _____,
    config: ______,
    state,
    playbooks,
    target,
    ...about
  } = options
  if (state !== undefined) throw badUsage('no bot is asked', 'Leave --state out.')
  const question = { ...about, who: whoOf(options), ...targetOf(target) }
  const place = { ...whereOf(options, io.cwd), ...(playbooks === undefined ? {} : { playbooks }) }
  const answer: PolicyAnswer = await policy.explain(question, place)
  session.print(options, explainedText(answer, session.paint), answer)
}

function whoOf({ who, group = [], role, route }: ExplainOptions): object {
  const given = [who, role, route].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw badUsage('it is not said who asks', 'Say one of --who PERSON, --role ROLE, --route NAME.')
  if (who !== undefined) return { person: who, groups: group }
  if (group.length > 0) throw badUsage(`${clean(group.join(', '))} is of no person`, 'Say --who PERSON too.')
  return role === undefined ? { route } : { roles: role }
}

/** Parts such as `name=models/llm`, as an object. */
function targetOf(parts: readonly string[] | undefined): object {
  if (parts === undefined) return {}
  const pairs = parts.map((part): [string, string] => {
    const at = part.indexOf('=')
    if (at < 1)
      throw badUsage(`${clean(part)} is no part of a target`, 'Say KEY=VALUE, such as name=models/llm.')
    return [part.slice(0, at), part.slice(at + 1)]
  })
  const labels = pairs.flatMap(([key, value]) => (key.startsWith('label.') ? [[key.slice(6), value]] : []))
  const fields = Object.fromEntries(pairs.filter(([key]) => !key.startsWith('label.')))
  return { target: { ...fields, ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }) } }
}

function whereOf({ config }: Configured, cwd: string): { readonly config?: string; readonly cwd: string } {
  return { cwd, ...(config === undefined ? {} : { config }) }
}
