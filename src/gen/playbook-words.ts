// What an editor shows about the keys of a playbook. A test fails for a key without words.

type Words = { readonly [key: string]: string }

export const documentWords: Words = {
  name: 'Name by which people and alerts start it; the file has the same name',
  title: 'What it does, in a line',
  severity: 'How bad what it answers is',
  because: 'Why it acts; this decides which effects may be undone (what leaked is never switched on again)',
  timeout: 'How long a run may take in all, from 1m to 30d; then it is ended. Without, no end is set',
  covers: 'Threats that it answers, for the readiness report',
  inputs: 'What whoever starts it has to give, by name',
  outputs: 'What a playbook that runs this one (firebreak.run) may use of it, by name: one ${{ … }} each',
  steps: 'What is done, by name; steps that do not depend on each other run in parallel',
}

export const coversWords: Words = {
  atlas: 'Techniques of MITRE ATLAS, such as AML.T0055',
  owaspLlm: 'Entries of the OWASP LLM Top 10, such as LLM02',
}

export const inputWords: Words = {
  type: 'Type of the value',
  description: 'What the value is; people read it in Slack and on the command line',
  enum: 'The values that are allowed',
  pattern: 'Regular expression (RE2 syntax) that the text must match',
  format: 'Known form of the text',
  minLength: 'Shortest text, in characters',
  maxLength: 'Longest text, in characters',
  minimum: 'Smallest number',
  maximum: 'Largest number',
  items: 'Type of one entry',
  maxItems: 'Longest list',
  properties: 'Fields of the object',
  required: 'Fields that must be there',
  default: 'Value when none is given; without, the input must be given',
}

export const stepWords: Words = {
  action: 'What the step does',
  using: 'Which configured cluster or account, by its name in firebreak.yaml; without, the only one',
  with: 'Input of the action; ${{ inputs.x }}, ${{ steps.y.field }} and ${{ item }} stand for values',
  after: 'Steps that must have ended first; a reference in `with` says so by itself',
  when: 'Condition (CEL) without braces: the step is skipped when it is false. failed() runs it after a failure',
  forEach: 'A list, as ${{ … }}: the step is done for each entry, called item',
  concurrency: 'How many entries of forEach are worked on at a time',
  maxFailures: 'How many entries of forEach may fail, as a number or a share such as 10%',
  approve:
    'Who must agree before the step acts: one rule, or a list of which all must be met, each by other persons',
  timeout: 'How long the step may take, such as 30s or 5m',
  retry:
    'For a read or an effect: how it is tried again after a failure that may pass and provably changed nothing',
  ttl: 'For a reversible effect: how long it is to stay, from 1m to 90d, for each entry where the step repeats',
  onExpiry:
    'What becomes of the effect when its ttl is over: people are asked (the default), or it undoes itself',
  confirm:
    'For firebreak.manual: the read that must see that it is done, after a person has said so: { action, with, that }',
  onError: 'Whether the run stops (the default) or goes on when the step fails',
  evidence:
    'Why nothing needs to be read before this effect, although the playbook answers a leak, compromise or abuse: { waived: reason }',
}

export const confirmWords: Words = {
  action: 'An action that reads',
  using: 'Which configured cluster or account it reads, by its name in firebreak.yaml; without, the only one',
  with: 'Input of the action, with expressions as in `with` of the step',
  that: 'Condition (CEL) over result, which is what the action returned; the step is done when it is true',
}

export const approveWords: Words = {
  from: 'The role whose persons decide',
  count: 'How many distinct persons; whoever asked for the run never counts',
  within: 'How long the request is open, such as 30m; then it counts as refused',
}

export const retryWords: Words = {
  attempts: 'How often it is tried in all',
  wait: 'Bound of the first pause, from 1s to 1h; each pause is drawn at random up to a bound that doubles',
  longest: 'Largest bound of a pause, from 1s to 1h',
}

export const evidenceWords: Words = {
  waived: 'The reason; it is reviewed with the file and kept with each run',
}
