import type { z } from 'zod'
import { AwsError, notModelled } from './errors.ts'
import type { Call } from './state.ts'
import type { WireObject } from './wire.ts'

export type Operation = {
  readonly input: z.ZodObject
  /** Whether it can change the account: the faults "lost answer" and "no effect" are about these. */
  readonly mutates: boolean
  readonly run: (raw: unknown, call: Call) => WireObject | undefined
}

type Definition<In extends z.ZodObject> = {
  readonly input: In
  readonly mutates?: true
  readonly run: (input: z.infer<In>, call: Call) => WireObject | undefined
}

/** Which wire code a service gives to an argument that breaks the rule of the member at this path. */
export type InvalidCode = (member: string) => string

/** Makes the operations of one service: arguments are checked against the schema, then `run` sees typed input. */
export function operationsOf(service: string, invalidCode: InvalidCode) {
  return function operation<In extends z.ZodObject>(name: string, definition: Definition<In>): Operation {
    return {
      input: definition.input,
      mutates: definition.mutates ?? false,
      run: (raw, call) => {
        const parsed = definition.input.safeParse(raw)
        if (!parsed.success) throw invalid({ name: `${service}:${name}`, invalidCode }, parsed.error)
        return definition.run(parsed.data, call)
      },
    }
  }
}

type Naming = { readonly name: string; readonly invalidCode: InvalidCode }

function invalid({ name, invalidCode }: Naming, error: z.ZodError): AwsError {
  const unknown = error.issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown?.code === 'unrecognized_keys') return notModelled(`${unknown.keys.join(', ')} of ${name}`)
  const lines = error.issues.map(describe)
  const count = `${lines.length} validation error${lines.length === 1 ? '' : 's'} detected: `
  return new AwsError(invalidCode(String(error.issues[0]?.path[0] ?? '')), count + lines.join('; '))
}

/** The service's own words for a broken constraint. Values are left out: they may be secrets. */
function describe(issue: z.core.$ZodIssue): string {
  const at = issue.path.map((part) => String(part)).join('.')
  const member = at.charAt(0).toLowerCase() + at.slice(1)
  return `Value at '${member}' failed to satisfy constraint: ${constraint(issue)}`
}

function constraint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern ?? ''}`
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map((value) => String(value)).join(', ')}]`
    case 'invalid_type':
      return issue.input === undefined ? 'Member must not be null' : `Member must be a ${issue.expected}`
    default:
      return 'Member is not valid'
  }
}

function measure(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'length' : 'value'
}
