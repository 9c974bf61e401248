import type { ErrorCode } from '../../src/core/errors.ts'

/** A playbook with one fault. `▲` stands right before the place that must be named; it is no part of the text. */
export type Broken = { readonly name: string; readonly code: ErrorCode; readonly text: string }

const head = 'name: broken\ntitle: Broken\nseverity: low\nbecause: drill\n'
const inputs =
  'inputs:\n  id: { type: string, pattern: "^AKIA[A-Z0-9]{16}$", description: Id }\n  ids: { type: array, items: { type: string }, description: Ids }\n  count: { type: integer, description: Count }\n'

/** Steps under a sound head. */
function steps(name: string, code: ErrorCode, body: string): Broken {
  return { name, code, text: `${head}${inputs}steps:\n${body}` }
}

const owner = '  owner:\n    action: aws.find-access-key\n    with: { accessKeyId: "${{ inputs.id }}" }\n'
const scale = (replicas: string, more = '') =>
  `  down:\n    action: kubernetes.scale\n    with: { namespace: a, kind: Deployment, name: b, replicas: ${replicas} }\n${more}`
const off = '  off:\n    action: aws.deactivate-access-key\n'

/** The step of a playbook that answers a leak. */
function leaked(name: string, code: ErrorCode, more: string): Broken {
  const step = `${off}    with: { userName: a, accessKeyId: AKIAIOSFODNN7EXAMPLE }\n`
  const waived = '    evidence: { waived: nothing is kept here }\n'
  return { name, code, text: `${head.replace('drill', 'leak')}steps:\n${step}${waived}${more}` }
}

export const broken: readonly Broken[] = [
  // The file.
  { name: 'an empty file', code: 'playbook.missing-key', text: '▲{}\n' },
  { name: 'a list', code: 'playbook.bad-value', text: '▲- a\n' },
  { name: 'a text', code: 'playbook.bad-value', text: '▲just words\n' },
  { name: 'a bracket that never closes', code: 'yaml.syntax', text: `${head}steps: { a: [ 1 \n▲` },
  { name: 'a tab for a blank', code: 'yaml.syntax', text: `${head}steps:\n▲\tone: 1\n` },
  {
    name: 'two documents',
    code: 'yaml.documents',
    text: `${head}steps: { a: { action: slack.post } }\n▲---\nname: b\n`,
  },
  { name: 'an anchor', code: 'yaml.forbidden', text: `${head}steps: { a: &a ▲{ action: slack.post } }\n` },
  { name: 'a tag', code: 'yaml.forbidden', text: `${head}steps: { a: !!map ▲{ action: slack.post } }\n` },
  {
    name: 'the same key twice',
    code: 'yaml.duplicate-key',
    text: `${head}▲name: again\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'hidden text direction',
    code: 'yaml.bad-value',
    text: `${head}steps: { a: { action: "slack▲\u202E.post" } }\n`,
  },
  // The head.
  {
    name: 'an unknown key of the head',
    code: 'playbook.unknown-key',
    text: `${head}▲owner: me\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a run of seconds',
    code: 'playbook.bad-value',
    text: `${head}timeout: ▲5s\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a severity that is none',
    code: 'playbook.bad-value',
    text: head.replace('low', '▲urgent') + 'steps: { a: { action: slack.post } }\n',
  },
  {
    name: 'a name with blanks',
    code: 'playbook.bad-value',
    text: head.replace('broken', '▲my playbook') + 'steps: { a: { action: slack.post } }\n',
  },
  { name: 'no steps', code: 'playbook.missing-key', text: `▲${head}` },
  { name: 'an empty map of steps', code: 'playbook.bad-value', text: `${head}steps: ▲{}\n` },
  {
    name: 'a reason that is none',
    code: 'playbook.bad-value',
    text: head.replace('drill', '▲fun') + 'steps: { a: { action: slack.post } }\n',
  },
  {
    name: 'a made-up ATLAS technique',
    code: 'playbook.bad-value',
    text: `${head}covers: { atlas: [▲T0055] }\nsteps: { a: { action: slack.post } }\n`,
  },
  // Inputs.
  {
    name: 'an input of no type',
    code: 'playbook.bad-value',
    text: `${head}inputs: { a: { type: ▲text, description: A } }\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a default of another type',
    code: 'playbook.bad-value',
    text: `${head}inputs: { a: { type: integer, description: A, default: ▲five } }\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a default that its own pattern refuses',
    code: 'playbook.bad-input',
    text: `${head}inputs: { a: { type: string, description: A, pattern: "^A", default: ▲b } }\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a pattern that could hang',
    code: 'playbook.bad-input',
    text: `${head}inputs: { a: { type: string, description: A, pattern: ▲"(?=a)b" } }\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'a keyword of full JSON Schema',
    code: 'playbook.unknown-key',
    text: `${head}inputs: { a: { type: string, description: A, ▲oneOf: [] } }\nsteps: { a: { action: slack.post } }\n`,
  },
  {
    name: 'an input without description',
    code: 'playbook.missing-key',
    text: `${head}inputs: { a: ▲{ type: string } }\nsteps: { a: { action: slack.post } }\n`,
  },
  // Steps.
  steps('a misspelt guard', 'playbook.unknown-key', `${owner}    ▲aprove: { from: approver }\n`),
  steps('a step without an action', 'playbook.missing-key', '  a: ▲{ with: {} }\n'),
  steps(
    'an action that does not exist',
    'playbook.unknown-action',
    '  a: { action: ▲aws.delete-everything }\n',
  ),
  steps(
    'an action by the name of an object method',
    'playbook.unknown-action',
    '  a: { action: ▲toString }\n',
  ),
  steps('a hyphen in the name of a step', 'playbook.bad-value', '  ▲my-step: { action: slack.post }\n'),
  steps(
    'a step by the name of an object method',
    'playbook.bad-value',
    '  ▲constructor: { action: slack.post }\n',
  ),
  steps('after what every object has', 'playbook.unknown-step', `${owner}    after: [▲constructor]\n`),
  steps(
    'a field that the action does not take',
    'playbook.unknown-field',
    '  a: { action: aws.find-access-key, with: { accessKeyId: A, ▲user: B } }\n',
  ),
  steps(
    'a field that is missing',
    'playbook.missing-field',
    '  a: { action: slack.post, with: ▲{ channel: a } }\n',
  ),
  steps('a constant of another type', 'playbook.wrong-type', scale('▲"none"')),
  steps(
    'a number where text is wanted',
    'playbook.wrong-type',
    '  a: { action: slack.post, with: { channel: ▲5, text: a } }\n',
  ),
  steps(
    'a list where text is wanted',
    'playbook.wrong-type',
    '  a: { action: slack.post, with: { channel: a, text: "${{ ▲inputs.ids }}" } }\n',
  ),
  steps('a number beyond what the action takes', 'playbook.wrong-type', scale('▲-1')),
  steps(
    'a word that is not in the list of words',
    'playbook.wrong-choice',
    '  a: { action: kubernetes.scale, with: { namespace: a, kind: ▲Pod, name: b, replicas: 0 } }\n',
  ),
  steps('approval by nobody', 'playbook.bad-value', `${owner}    approve: { from: approver, count: ▲0 }\n`),
  steps('a duration without unit', 'playbook.bad-value', `${owner}    timeout: ▲"30"\n`),
  {
    name: 'a step longer than its run',
    code: 'playbook.long-timeout',
    text: `${head}timeout: 1h\nsteps:\n${scale('0', '    timeout: ▲2h\n')}`,
  },
  steps('more tries than anybody waits for', 'playbook.bad-value', `${owner}    retry: { attempts: ▲11 }\n`),
  steps(
    'a message that is tried again',
    'playbook.retry',
    '  a: { action: slack.post, with: { channel: a, text: a }, ▲retry: {} }\n',
  ),
  steps('a read that ends', 'playbook.ttl-without-effect', `${owner}    ▲ttl: 4h\n`),
  steps('an end without a time', 'playbook.expiry-without-ttl', scale('0', '    ▲onExpiry: undo\n')),
  steps('a time to live of years', 'playbook.bad-value', scale('0', '    ttl: ▲365d\n')),
  leaked('a leaked key that ends', 'playbook.ttl-without-undo', '    ▲ttl: 4h\n'),
  leaked(
    'a leaked key that is switched on again',
    'playbook.undo-forbidden',
    '    ttl: 4h\n    onExpiry: ▲undo\n',
  ),
  steps('a share of more than all', 'playbook.bad-value', `${owner}    maxFailures: ▲110%\n`),
  // References.
  steps(
    'an input that does not exist',
    'expr.unknown-name',
    '  a: { action: slack.post, with: { channel: a, text: "x ${{ ▲inputs.who }}" } }\n',
  ),
  steps(
    'a step that does not exist',
    'expr.unknown-name',
    '  a: { action: slack.post, with: { channel: a, text: "${{ ▲steps.ownr.userName }}" } }\n',
  ),
  steps(
    'a field that the step does not return',
    'expr.unknown-name',
    `${owner}  a: { action: slack.post, with: { channel: a, text: "\${{ ▲steps.owner.name }}" } }\n`,
  ),
  steps(
    'a reference to itself',
    'playbook.cycle',
    '  a: { action: slack.post, with: { channel: "${{ ▲steps.a.channel }}", text: a } }\n',
  ),
  steps('after a step that does not exist', 'playbook.unknown-step', `${owner}    after: [▲evidence]\n`),
  steps('after itself', 'playbook.cycle', `${owner}    after: [▲owner]\n`),
  steps(
    'a circle',
    'playbook.cycle',
    '  ▲a: { action: slack.post, with: { channel: a, text: a }, after: [b] }\n  b: { action: slack.post, with: { channel: a, text: a }, after: [a] }\n',
  ),
  steps(
    'a step of the main part after the end',
    'playbook.closing',
    `${owner}    after: [▲page]\n  page: { when: failed(), action: slack.post, with: { channel: a, text: a } }\n`,
  ),
  steps(
    'the item of a step that does not repeat',
    'expr.unknown-name',
    '  a: { action: slack.post, with: { channel: a, text: "${{ ▲item }}" } }\n',
  ),
  steps(
    'what a skipped step returned, without saying what then',
    'expr.unguarded',
    `${owner}    when: inputs.count > 3\n${off}    with: { accessKeyId: A, userName: "\${{ ▲steps.owner.userName }}" }\n`,
  ),
  // Expressions.
  steps('a condition that is no yes or no', 'expr.type', `${owner}    when: ▲inputs.id\n`),
  steps('a condition in braces that is broken', 'expr.syntax', `${owner}    when: "inputs.count >▲"\n`),
  steps(
    'an expression that never closes',
    'expr.syntax',
    '  a: { action: slack.post, with: { channel: a, text: "▲${{ inputs.id" } }\n',
  ),
  steps(
    'a text and a number joined',
    'expr.type',
    '  a: { action: slack.post, with: { channel: a, text: "${{ ▲inputs.id + inputs.count }}" } }\n',
  ),
  steps(
    'an index that may not be there',
    'expr.not-total',
    '  a: { action: slack.post, with: { channel: a, text: "${{ ▲inputs.ids[0] }}" } }\n',
  ),
  steps('a division that may be by zero', 'expr.not-total', `${owner}    when: "▲10 / inputs.count > 1"\n`),
  steps(
    'a pattern that could hang, in an expression',
    'expr.not-total',
    `${owner}    when: '▲inputs.id.matches("(a+)+$")'\n`,
  ),
  steps(
    'arithmetic that may overflow',
    'expr.may-overflow',
    `${owner}    when: "▲inputs.count * inputs.count > 1"\n`,
  ),
  steps(
    'how the run went, outside of a condition',
    'expr.status-outside-when',
    "  a: { action: slack.post, with: { channel: a, text: \"${{ ▲failed() ? 'a' : 'b' }}\" } }\n",
  ),
  steps(
    'a repetition over what is no list',
    'playbook.not-a-list',
    '  a: { forEach: "${{ ▲inputs.id }}", action: slack.post, with: { channel: a, text: a } }\n',
  ),
]
