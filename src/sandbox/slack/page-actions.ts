import type { SandboxParts } from './controls.ts'
import type { Given } from './inputs.ts'
import { isGiven } from './inputs.ts'
import { compose } from './person/compose.ts'
import { person } from './person/desk.ts'
import { close, fill, isFormValues, submit } from './person/dialog.ts'
import type { FormValues } from './person/dialog.ts'
import { act, suggest } from './person/press.ts'
import type { Act, Spot } from './person/press.ts'
import type { Rec } from './record.ts'
import { string } from './record.ts'
import { misuse } from './refusal.ts'
import type { Demo } from './sandbox.ts'

type PageAction = (parts: SandboxParts, body: Rec, demo: Demo | undefined) => Promise<unknown>

/** What the page can ask for, by the last part of its URL. */
export const pageActions: Readonly<Record<string, PageAction>> = {
  compose: async ({ desk }, body) => {
    const thread = string(body['threadTs'])
    return await compose(desk, string(body['user']), {
      channel: string(body['channel']),
      text: string(body['text']),
      ...(thread === '' ? {} : { threadTs: thread }),
    })
  },
  act: async ({ desk }, body) => {
    const at = spot(body)
    if ('viewId' in at && body['values'] !== undefined) {
      fill(desk, string(body['user']), { viewId: at.viewId, values: formValues(body['values']) })
    }
    return await act(desk, string(body['user']), at)
  },
  suggest: async ({ desk }, body) => {
    return await suggest(desk, string(body['user']), { ...spot(body), query: string(body['query']) })
  },
  fill: async ({ desk }, body) => {
    fill(desk, string(body['user']), { viewId: string(body['viewId']), values: formValues(body['values']) })
    return await Promise.resolve({ ok: true })
  },
  submit: async ({ desk }, body) => {
    const values = formValues(body['values'])
    return await submit(desk, string(body['user']), { viewId: string(body['viewId']), values })
  },
  close: async ({ desk }, body) => {
    await close(desk, string(body['user']), { viewId: string(body['viewId']), all: body['all'] === true })
    return { ok: true }
  },
  read: async ({ world }, body) => {
    const user = person(world, string(body['user']))
    world.reads.set(`${user.id} ${string(body['channel'])}`, string(body['ts']))
    world.changed()
    return await Promise.resolve({ ok: true })
  },
  fire: async (_parts, body, demo) => {
    const event =
      demo?.events.find((e) => e.id === body['id']) ?? misuse(`there is no demo event ${string(body['id'])}`)
    return { said: await event.fire() }
  },
}

function formValues(value: unknown): FormValues {
  return isFormValues(value) ? value : misuse('the form values are malformed')
}

function spot(body: Rec): Spot & Act {
  const given = body['value'] ?? null
  const value: Given = isGiven(given) ? given : misuse('the chosen value is malformed')
  const blockId = string(body['blockId'])
  const what = { actionId: string(body['actionId']), value, ...(blockId === '' ? {} : { blockId }) }
  const viewId = string(body['viewId'])
  return viewId === ''
    ? { channel: string(body['channel']), ts: string(body['ts']), ...what }
    : { viewId, ...what }
}
