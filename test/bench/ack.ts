import { join } from 'node:path'
import type { BotProcess } from './bot-process.ts'
import { botConfig } from './config.ts'
import { atMost, type Figure } from './figure.ts'
import { startRemote } from './remote.ts'
import { inScratch } from './scratch.ts'
import type { SlackProcess } from './slack-process.ts'
import { latencyOf } from './stats.ts'
import type { World } from './world-process.ts'

const RUNS = 100
/** What a call to a cloud's control plane takes. With none, 100 runs would only measure how fast they are over. */
const CALL_MS = 100
const COMMANDS = 200
const EVERY_MS = 40

/** How long a person's slash command waits for its acknowledgement while 100 runs are under way. */
export async function ackFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  const slack = await startRemote<SlackProcess>('./slack-process.ts')
  const bot = await startRemote<BotProcess>('./bot-process.ts')
  try {
    return await inScratch(async (folder) => {
      const { config, env } = await botConfig(folder, world, await slack.call('config'))
      await bot.call('start', { config, env, state: join(folder, 'state') })
      const idle = await slack.call('commands', { text: '/firebreak status', count: 50, everyMs: EVERY_MS })
      const { keys } = await world.call('config')
      await world.call('slow', { operation: '*', ms: CALL_MS })
      await bot.call('keepActive', { name: 'switching', keys: keys.slice(0, RUNS) })
      const command = { text: '/firebreak status', count: COMMANDS, everyMs: EVERY_MS }
      const busy = latencyOf(await slack.call('commands', command))
      const ended = await bot.call('stopActive')
      return [
        {
          name: `Slack acknowledgement while ${RUNS} runs are active`,
          unit: 'ms',
          value: busy.p99,
          spread: busy,
          budget: atMost(100, busy.p99, 'ms p99'),
          note: `idle p50 ${latencyOf(idle).p50} p99 ${latencyOf(idle).p99}; ${ended} runs ended meanwhile; each outside call takes ${CALL_MS} ms`,
        },
      ]
    })
  } finally {
    await bot.close()
    await slack.close()
    await world.close()
  }
}
