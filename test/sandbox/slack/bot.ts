import * as bolt from '@slack/bolt'
import type { App as BoltApp, AppOptions, Logger } from '@slack/bolt'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'

/** The client reports every reset that a test causes on purpose; nobody needs to read that. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => bolt.LogLevel.ERROR,
  setName: () => undefined,
}

/** An unmodified Bolt app in Socket Mode, connected to the stand-in by URL alone. Listeners come from the test. */
export async function startBolt(
  slack: SlackSandbox,
  listen: (app: BoltApp) => void,
  options: AppOptions = {},
): Promise<{ app: BoltApp; stop: () => Promise<void> }> {
  const app = new bolt.App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl },
    ...options,
  })
  listen(app)
  await app.start()
  return {
    app,
    stop: async () => {
      await app.stop()
    },
  }
}
