import type { Json } from '../core/json.ts'
import { didYouMean, holdsSecret, peel, type Shape, type Template } from '../expr/index.ts'
import type { Fault } from './faults.ts'
import { isList } from './json.ts'

/** The fault of a value that does not fit where it goes, in the words of what is wrong with it. */
export const misfit = {
  type: (why: string): Fault => ({
    code: 'playbook.wrong-type',
    message: why,
    remedy: 'Give a value of that type, or convert it with an expression.',
  }),
  text: (why: string, target: Shape, { shape, dynamic }: Template): Fault => {
    const { base } = peel(target)
    const isSecret = peel(shape).base.kind === 'secret' || (base.kind === 'json' && holdsSecret(shape))
    if (isSecret) return secret(why)
    const [word] = shape.kind === 'string' && !dynamic ? (shape.enum ?? []) : []
    if (base.kind !== 'string' || base.enum === undefined || word === undefined) return misfit.type(why)
    return {
      code: 'playbook.wrong-choice',
      message: why,
      remedy: `${didYouMean(word, base.enum)}Write one of: ${base.enum.join(', ')}.`,
    }
  },
}

function secret(why: string): Fault {
  return {
    code: 'playbook.secret',
    message: why,
    remedy:
      'Pass it to an input that is declared secret, or do not pass it on: plans, messages and the log are read by many.',
  }
}

export function shapeOfConstant(value: Json): Shape {
  if (value === null) return { kind: 'nullable', of: { kind: 'never' } }
  if (typeof value === 'boolean') return { kind: 'bool' }
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? 'int' : 'double', min: value, max: value }
  }
  if (typeof value === 'string') return { kind: 'string', enum: [value] }
  if (isList(value))
    return { kind: 'list', item: value[0] === undefined ? { kind: 'never' } : shapeOfConstant(value[0]) }
  const fields = Object.entries(value).map(([name, field]) => [name, shapeOfConstant(field)] as const)
  return { kind: 'object', fields: Object.fromEntries(fields), closed: true }
}
