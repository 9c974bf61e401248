import type { InputType, PlaybookInfo } from '../../../core/playbook.ts'
import { clean } from './clean.ts'
import type { Paint } from './paint.ts'

/** Each playbook with what it asks for. */
export function playbooksText(infos: readonly PlaybookInfo[], paint: Paint): string {
  return infos.map((info) => playbookText(info, paint)).join('\n\n')
}

function playbookText({ name, title, severity, because, inputs, steps }: PlaybookInfo, paint: Paint): string {
  const effects = steps.filter(({ effect }) => effect === 'reversible' || effect === 'irreversible').length
  return [
    `${paint('bold', clean(name))}  ${clean(title)}`,
    `  ${severity}, because of a ${because}; ${steps.length} steps, ${effects} with effects`,
    ...Object.entries(inputs).map(([input, type]) => `  -i ${clean(inputText(input, type))}`),
  ].join('\n')
}

function inputText(name: string, type: InputType): string {
  const fallback = 'default' in type && type.default !== undefined ? JSON.stringify(type.default) : undefined
  const need = fallback === undefined ? 'needed' : `default ${fallback}`
  return `${name}=${type.type.toUpperCase()}  ${type.description} (${need})`
}
