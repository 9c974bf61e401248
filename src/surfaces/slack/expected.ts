import type { Fact, Mode } from '../../core/fact.ts'

/** Somebody is about to start a run: it shall be shown where they asked. */
export type Expected = {
  readonly user: string
  readonly playbook: string
  readonly mode: Mode
  readonly channel: string
}

/** Runs `begin` while expecting its run: the facts come before the call returns. */
export async function expecting<T>(
  expected: Expected[],
  entry: Expected,
  begin: () => Promise<T>,
): Promise<T> {
  expected.push(entry)
  try {
    return await begin()
  } finally {
    const at = expected.indexOf(entry)
    if (at !== -1) expected.splice(at, 1)
  }
}

/** The channel of whoever is just starting this run; each expectation serves one run. */
export function takeExpected(expected: Expected[], fact: Fact): string | undefined {
  if (fact.type !== 'run.requested' || fact.actor.kind !== 'account') return undefined
  const { account } = fact.actor
  if (account.via !== 'slack') return undefined
  const { playbook, mode } = fact.data
  const at = expected.findIndex(
    (entry) => entry.user === account.user && entry.playbook === playbook.name && entry.mode === mode,
  )
  return at === -1 ? undefined : expected.splice(at, 1)[0]?.channel
}
