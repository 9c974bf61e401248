import type { Path } from '../../core/yaml.ts'
import { didYouMean } from '../../expr/index.ts'
import { own } from '../own.ts'
import type { CheckedStep, Subject } from '../checked.ts'
import { eachStep, type Finding } from './check.ts'

/** A step names a configured cluster or account, wherever there is more than one; so does its `confirm`. */
export const instance = eachStep((checked, subject) => {
  const { id, text, action, step } = checked
  const place = { path: ['steps', id], provider: action.provider.name, using: text.using }
  const found = subject.taint.hasKey(id, 'using') ? [] : look(checked, subject, place)
  if (step.confirm === undefined) return found
  const { action: read, using } = step.confirm
  return [
    ...found,
    ...look(checked, subject, { path: ['steps', id, 'confirm'], provider: read.provider.name, using }),
  ]
})

type Place = { readonly path: Path; readonly provider: string; readonly using: string | undefined }

function look({ id }: CheckedStep, { context }: Subject, { path, provider, using }: Place): Finding[] {
  const configured = own(context.instances ?? {}, provider)
  if (configured === undefined) return []
  const names = configured.join(', ') || 'none'
  const code = 'playbook.unknown-instance'
  if (using === undefined) {
    // The only one, or the one called default, is meant. A provider without any is no fault of the playbook.
    if (configured.length <= 1 || configured.includes('default')) return []
    const message = `${provider} has several instances, and ${id} does not say which`
    const remedy = `Add using: one of ${names}.`
    // A warning: a bot with two accounts still starts with playbooks that nobody has fitted to them.
    return [{ path, on: 'key', code, severity: 'warning', message, remedy }]
  }
  if (configured.includes(using)) return []
  const message = `${provider} has no instance ${using}`
  const remedy = `${didYouMean(using, configured)}Configured are: ${names}.`
  return [{ path: [...path, 'using'], code, message, remedy }]
}
