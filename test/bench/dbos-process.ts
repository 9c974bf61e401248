// Plain DBOS, as its documentation has it: a workflow of five steps that do nothing, without any journal of ours.
import { DBOS } from '@dbos-inc/dbos-sdk'
import { serveRemote } from './remote.ts'
import { rateOf } from './runs.ts'

const step = (name: string) => DBOS.runStep(() => Promise.resolve(), { name })

const workflow = DBOS.registerWorkflow(
  async () => {
    await step('a')
    await Promise.all([step('b1'), step('b2')])
    await step('c')
    await step('d')
  },
  { name: 'five' },
)

const quiet = () => undefined

const methods = {
  start: async (url: string) => {
    const logger = { info: quiet, debug: quiet, warn: quiet, error: quiet }
    DBOS.setConfig({ name: 'plain', systemDatabaseUrl: url, logger })
    await DBOS.launch()
  },
  rate: (load: { at: number; ms: number }) =>
    rateOf(load, async () => {
      const handle = await DBOS.startWorkflow(workflow)()
      await handle.getResult()
    }),
}
export type DbosProcess = typeof methods

serveRemote(methods, () => DBOS.shutdown())
