import { z } from 'zod'
import { Because } from '../core/because.ts'
import { Confidence, Target } from '../core/change.ts'
import { ruleVerbs } from '../core/rules.ts'
import { parseYaml } from '../core/yaml.ts'
import { withoutUndefined } from './defined.ts'
import { ConfigFault, locate } from './fault.ts'
import { moment, Percent } from './guardrail-schema.ts'
import { role } from './permission-schema.ts'
import { schemaFaults } from './schema-faults.ts'
import { filled, name } from './words.ts'

const Who = z.union([
  name,
  z.strictObject({ person: name, groups: z.array(filled).default([]) }),
  z.strictObject({ roles: z.array(role) }),
  z.strictObject({ route: name }),
])

/** Somebody asks for something. What is not said of it is as the playbook says, or not known. */
export const PolicyQuestion = z.strictObject({
  who: Who.describe(
    'A person; { person, groups: [S…] } with Slack groups; { roles: […] }; or { route: NAME }',
  ),
  verb: z.enum([...ruleVerbs, 'freeze', 'thaw']).describe('What they want to do'),
  playbook: filled.optional().describe('A playbook: one of the folders of the configuration, or any name'),
  effect: z.enum(['read', 'notify', 'wait', 'manual', 'reversible', 'irreversible']).optional(),
  instance: filled.optional().describe('Such as kubernetes/production'),
  environment: name.optional().describe('Where the instance is; worked out of it when absent'),
  because: Because.optional(),
  severity: z.enum(['low', 'medium', 'high', 'critical']).optional(),
  action: filled.optional().describe('An action, such as kubernetes.scale'),
  route: name.optional().describe('The route of alerts that began the run; of an alert, its own'),
  when: moment.optional().describe('The moment at which it is to act; windows are judged where it is said'),
  targets: z.int().min(0).optional().describe('How many targets the whole plan touches'),
  fleet: z
    .int()
    .min(1)
    .optional()
    .describe('How many things of the kind there are, of which targets are touched'),
  share: Percent.optional().describe('Instead of fleet: the share of them that is touched'),
  loses: z.boolean().optional().describe('Whether something is lost for ever'),
  undo: z.boolean().optional().describe('Whether something puts it back'),
  confidence: Confidence.optional().describe('How far the plan can be believed'),
  target: Target.partial({ id: true })
    .optional()
    .describe('What is touched; its id is its name where it is not said'),
})
export type PolicyQuestion = z.infer<typeof PolicyQuestion>

const Case = PolicyQuestion.extend({
  name: filled.max(200).optional().describe('What is meant, for who reads the result'),
  expect: z
    .enum(['allow', 'ask', 'wait', 'deny'])
    .describe('wait: a window holds it back, and it acts later'),
  rule: filled
    .optional()
    .describe('What must decide, or ask: a rule, permissions.VERB, or a guardrail such as window/weekend'),
  why: filled.optional().describe('A part of the reason'),
})

const PolicyTable = z.strictObject({
  config: filled.optional().describe('The configuration that is tried, beside this file'),
  playbooks: filled.optional().describe('Where its playbooks are on this machine, beside this file'),
  tests: z.array(Case).min(1).max(5000),
})

export type PolicyCase = z.infer<typeof Case> & { readonly line: number }
export type PolicyTable = {
  readonly config?: string
  readonly playbooks?: string
  readonly tests: readonly PolicyCase[]
}

/** Reads a table of expectations. Throws ConfigFault with every fault and its place. */
export function parsePolicyTable(text: string, file: string): PolicyTable {
  const yaml = parseYaml(text, file)
  if (!yaml.ok) throw new ConfigFault(yaml.diagnostics)
  const parsed = PolicyTable.safeParse(yaml.value)
  if (!parsed.success) throw new ConfigFault(locate(schemaFaults(parsed.error.issues), yaml, file))
  const { tests, ...places } = parsed.data
  return {
    ...withoutUndefined(places),
    tests: tests.map((test, index) => ({ ...test, line: yaml.at(['tests', index]).line })),
  }
}
