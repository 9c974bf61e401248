import type { Client } from 'pg'
import { hangUp } from './connect.ts'
import { draftOf, isEmpty, type Draft } from './draft.ts'
import { lockAndLook } from './look.ts'
import type { Needs } from './needs.ts'
import type { Unanswered } from './outcome.ts'
import type { OwnEntries } from './own.ts'
import type { Writing } from './tasks.ts'
import { writeAndCommit, type Failed } from './write.ts'

/** A task of a transaction: decides, and gives what is to be told when the transaction is committed. */
export type Decider = { readonly needs: Needs; readonly decide: (draft: Draft) => () => void }

export type Ground = {
  readonly writing: Writing
  readonly own: OwnEntries
  /** What became of a commit that got no answer. */
  readonly ask: (unanswered: Unanswered) => Promise<boolean | undefined>
  /** Hears how many entries the log is known to have. */
  readonly onSize: (size: number) => void
}

/** Decides tasks in their order and writes what they decided, in one transaction of two round trips. */
export async function transact(
  client: Client,
  tasks: readonly Decider[],
  ground: Ground,
): Promise<Failed | undefined> {
  const { notary, clock } = ground.writing
  const now = clock.now()
  try {
    const needs = tasks.map((task) => task.needs)
    const look = await lockAndLook(client, needs, now)
    const draft = draftOf(look, notary.tree(look.head.tree ?? undefined), now)
    ground.onSize(draft.tree.size())
    const tell = tasks.map(({ decide }) => decide(draft))
    const failed = isEmpty(draft)
      ? await leave(client)
      : await commit(client, { draft, xid: look.head.xid }, ground)
    if (failed === undefined) for (const each of tell) each()
    return failed
  } catch (cause) {
    await backOut(client)
    return { cause }
  }
}

type Decided = { readonly draft: Draft; readonly xid: string }

async function commit(client: Client, { draft, xid }: Decided, ground: Ground): Promise<Failed | undefined> {
  const { entries, tree } = draft
  ground.own.sent(entries)
  const failed = await writeAndCommit(client, draft)
  const committed = failed === undefined || (await wasItAfterAll(client, { xid, entries }, ground))
  if (committed) ground.onSize(tree.size())
  ground.own.settle(entries, committed ? 'committed' : 'given-up')
  return committed ? undefined : failed
}

/** A session that still answers knows that it was rolled back. */
async function wasItAfterAll(client: Client, unanswered: Unanswered, { ask }: Ground): Promise<boolean> {
  return !(await backOut(client)) && (await ask(unanswered)) === true
}

/** Nothing was decided that is to be kept. */
async function leave(client: Client): Promise<undefined> {
  await client.query('rollback')
}

/** False when the session is lost, and with it the knowledge of what the server did last. */
async function backOut(client: Client): Promise<boolean> {
  try {
    await client.query('rollback')
    return true
  } catch {
    await hangUp(client)
    return false
  }
}
