import type { Approve } from '../document.ts'
import { didYouMean } from '../../expr/index.ts'
import { own } from '../own.ts'
import { type Finding, eachStep } from './check.ts'

/** An approval that enough people could give. */
export const role = eachStep(({ id, text: { approve } }, { context: { roles } }) => {
  if (approve === undefined) return []
  const path = ['steps', id, 'approve']
  if (!Array.isArray(approve)) return roles === undefined ? [] : heldBy(approve, { path, roles })
  return approve.flatMap((rule, i) => [
    ...askedTwice(rule, { path: [...path, i], before: approve.slice(0, i) }),
    ...(roles === undefined ? [] : heldBy(rule, { path: [...path, i], roles })),
  ])
})

type Earlier = { readonly path: readonly (string | number)[]; readonly before: readonly Approve[] }

/** Several groups are several roles: how many persons of one are needed is said by its count. */
function askedTwice({ from }: Approve, { path, before }: Earlier): Finding[] {
  if (before.every((rule) => rule.from !== from)) return []
  const message = `the role ${from} is asked twice`
  const remedy = `Say it once, and with count how many persons of ${from} must approve.`
  return [{ path: [...path, 'from'], code: 'playbook.bad-value', message, remedy }]
}

type Around = {
  readonly path: readonly (string | number)[]
  readonly roles: Readonly<Record<string, number>>
}

function heldBy({ from, count }: Approve, { path, roles }: Around): Finding[] {
  const held = own(roles, from)
  if (held === undefined) {
    const known = Object.keys(roles)
    const remedy = `${didYouMean(from, known)}Known are: ${known.join(', ') || 'none'}.`
    return [
      { path: [...path, 'from'], code: 'playbook.unknown-role', message: `there is no role ${from}`, remedy },
    ]
  }
  if (held >= count) return []
  return [
    {
      path,
      code: 'playbook.approval-impossible',
      severity: 'warning',
      message: `${count} persons with the role ${from} must approve, and there are ${held}`,
      remedy: `Give the role ${from} to more people, or lower the count.`,
    },
  ]
}
