import type { App } from '@slack/bolt'
import type { View } from '@slack/types'

// A tiny incident bot for the page test: one of each block and input that the page draws.

const options = (...names: string[]) =>
  names.map((name) => ({ text: { type: 'plain_text' as const, text: name }, value: name.toLowerCase() }))

const plain = (text: string) => ({ type: 'plain_text' as const, text })

export function runBlocks(state: string, decided: boolean) {
  return [
    { type: 'header', text: plain(`:hourglass_flowing_sand: ${state}: leaked-aws-key`) },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: 'Contain *AKIA…7Q* in `production` for <@U0ROSA0001>' },
      fields: [
        { type: 'mrkdwn', text: '*Requested by*\n<@U0ROSA0001>' },
        { type: 'mrkdwn', text: '*Target*\n`iam::user/ci-deploy`' },
      ],
      accessory: { type: 'overflow', action_id: 'more', options: options('Details', 'Export') },
    },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_preformatted',
          elements: [
            {
              type: 'text',
              text: '1 find owner      done\n2 deactivate key  waiting\n<img src=x onerror=alert(2)>',
            },
          ],
        },
      ],
    },
    { type: 'divider' },
    { type: 'markdown', text: '**Before** `Active` → **after** `Inactive`' },
    { type: 'image', image_url: 'https://example.invalid/graph.png', alt_text: 'graph of the steps' },
    ...(decided
      ? []
      : [
          {
            type: 'actions',
            block_id: 'decide',
            elements: [
              {
                type: 'button',
                action_id: 'approve',
                style: 'primary',
                text: plain('Approve'),
                value: 'one-use-id',
              },
              {
                type: 'button',
                action_id: 'cancel',
                style: 'danger',
                text: plain('Cancel run'),
                confirm: {
                  title: plain('Cancel this run?'),
                  text: plain('Steps in flight will finish.'),
                  confirm: plain('Cancel it'),
                  deny: plain('Keep it'),
                  style: 'danger',
                },
              },
              {
                type: 'static_select',
                action_id: 'severity',
                placeholder: plain('Severity'),
                options: options('High', 'Low'),
              },
            ],
          },
        ]),
    {
      type: 'context',
      elements: [
        { type: 'mrkdwn', text: 'run r-1 · waits until 10:30 · &lt;script&gt;alert(1)&lt;/script&gt;' },
      ],
    },
  ]
}

const input = (
  id: string,
  label: string,
  { more = {}, ...element }: { type: string; [key: string]: unknown },
) => ({
  type: 'input',
  block_id: id,
  label: plain(label),
  element: { action_id: 'value', ...element },
  ...(more as object),
})

export const form = {
  type: 'modal',
  callback_id: 'start',
  notify_on_close: true,
  title: plain('Start a playbook'),
  submit: plain('Plan'),
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text: 'Nothing happens before you have seen the plan.' } },
    input('key', 'Access key', {
      type: 'plain_text_input',
      more: { hint: plain('AKIA and 16 letters or digits') },
    }),
    input('hours', 'Hours', {
      type: 'number_input',
      is_decimal_allowed: false,
      min_value: '1',
      max_value: '72',
    }),
    input('reason', 'Reason', { type: 'static_select', options: options('Leak', 'Drill') }),
    input('mode', 'Mode', { type: 'radio_buttons', options: options('Plan', 'Run') }),
    input('flags', 'Options', {
      type: 'checkboxes',
      options: options('Notify', 'Evidence'),
      more: { optional: true },
    }),
    input('hosts', 'Hosts', {
      type: 'multi_static_select',
      options: options('A1', 'B2', 'C3'),
      more: { optional: true },
    }),
    input('start', 'Start at', { type: 'datetimepicker', more: { optional: true } }),
    input('service', 'Service', { type: 'external_select', min_query_length: 1, more: { optional: true } }),
  ],
} as unknown as View

export type Heard = { submitted: unknown[]; closed: number; chosen: string[] }

export function listen(heard: Heard): (app: App) => void {
  return (app) => {
    app.command('/firebreak', async ({ command, ack, client }) => {
      await ack()
      if (command.text === '') {
        await client.views.open({ trigger_id: command.trigger_id, view: form })
        return
      }
      const posted = await client.apiCall('chat.postMessage', {
        channel: command.channel_id,
        text: `Run ${command.text} waits for approval`,
        blocks: runBlocks('Waiting', false),
      })
      const { ts } = posted as unknown as { ts: string }
      await client.apiCall('chat.postMessage', {
        channel: command.channel_id,
        text: 'Step 1 is done',
        thread_ts: ts,
      })
      await client.chat.postEphemeral({
        channel: command.channel_id,
        user: command.user_id,
        text: 'Your run is *r-1*',
      })
    })
    app.action('approve', async ({ ack, body, client }) => {
      await ack()
      if (body.type !== 'block_actions' || body.message === undefined || body.channel === undefined) return
      await client.chat.update({
        channel: body.channel.id,
        ts: body.message.ts,
        text: 'Approved',
        blocks: runBlocks(`Approved by ${body.user.name}`, true),
      })
    })
    app.action(/^(cancel|more|severity)$/, async ({ ack, action, respond }) => {
      await ack()
      const value = 'selected_option' in action ? action.selected_option?.value : 'pressed'
      heard.chosen.push(`${'action_id' in action ? action.action_id : ''}=${value}`)
      await respond(`noted ${value}`)
    })
    app.options('value', async ({ options: asked, ack }) => {
      const names = ['inference-eu', 'inference-us', 'training'].filter((name) => name.includes(asked.value))
      await ack({ options: options(...names) })
    })
    app.view('start', async ({ ack, view }) => {
      const key = view.state.values['key']?.['value']?.value ?? ''
      if (!key.startsWith('AKIA')) {
        await ack({ response_action: 'errors', errors: { key: 'That is not an access key id.' } })
        return
      }
      heard.submitted.push(view.state.values)
      await ack()
    })
    app.view({ callback_id: 'start', type: 'view_closed' }, async ({ ack }) => {
      await ack()
      heard.closed += 1
    })
  }
}
