import { isWhole, type Check } from './check.ts'

/** An input that people are asked for and nothing uses. */
export const unusedInput: Check = (subject) => {
  if (!isWhole(subject)) return []
  const uses = [...subject.steps.values()].flatMap((step) => step.uses).concat(subject.given)
  // `inputs` alone stands for all of them.
  const used = new Set(uses.flatMap(({ reference: { path } }) => (path[0] === 'inputs' ? [path[1]] : [])))
  if (used.has(undefined)) return []
  const unused = Object.keys(subject.document.inputs).filter((name) => !used.has(name))
  return unused.map((name) => ({
    path: ['inputs', name],
    on: 'key',
    code: 'playbook.unused-input',
    severity: 'warning',
    message: `no step uses the input ${name}`,
    remedy: 'Use it or remove it.',
  }))
}
