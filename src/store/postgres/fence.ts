import type { Client } from 'pg'

/** SQLSTATE by which the server refuses entries of a log that is on its way. The classes from I on are free for users. */
export const MOVED_STATE = 'ZFB01'

const TABLES = ['journal', 'memo', 'outbox']

/**
 * From now on the server itself refuses entries by anybody but a copier: also by a process that opened the journal before,
 * and was only slow.
 */
export async function fence(client: Client): Promise<void> {
  await client.query(`
    create or replace function firebreak.refuse_moved() returns trigger language plpgsql as $$
    begin
      if coalesce(current_setting('firebreak.copying', true), '') <> 'on' then
        raise exception using errcode = '${MOVED_STATE}',
          message = coalesce((select place from firebreak.passage), 'another place');
      end if;
      return null;
    end $$`)
  for (const table of TABLES) {
    // oxlint-disable no-await-in-loop -- few, one after the other
    await client.query(`drop trigger if exists refuse_moved on firebreak.${table}`)
    await client.query(
      `create trigger refuse_moved before insert or update or delete on firebreak.${table}
       for each statement execute function firebreak.refuse_moved()`,
    )
    // oxlint-enable no-await-in-loop
  }
}

export async function unfence(client: Client): Promise<void> {
  // With its triggers.
  await client.query('drop function if exists firebreak.refuse_moved() cascade')
}
