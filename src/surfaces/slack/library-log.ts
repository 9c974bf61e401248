import type { LogLevel, Logger } from '@slack/web-api'
import type { Log } from './log.ts'

function nothing(): void {}

/**
 * The logger given to Slack's libraries. Their debug and info lines hold request bodies and payloads, so those go
 * nowhere; of the rest only the words are taken, never the objects beside them.
 */
export function libraryLog(log: Log, level: LogLevel): Logger {
  return {
    debug: nothing,
    info: nothing,
    warn: (...said: unknown[]) => log.debug({ said: words(said) }, 'slack library warning'),
    error: (...said: unknown[]) => log.warn({ said: words(said) }, 'slack library error'),
    setLevel: nothing,
    getLevel: () => level,
    setName: nothing,
  }
}

function words(said: readonly unknown[]): string {
  return said
    .flatMap((part) => (typeof part === 'string' ? [part] : part instanceof Error ? [part.message] : []))
    .join(' ')
    .slice(0, 500)
}
