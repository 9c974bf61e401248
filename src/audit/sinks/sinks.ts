import type { Clock } from '../../core/ports.ts'
import type { SinkSettings } from '../../core/sink-settings.ts'
import { datadogSink } from './datadog.ts'
import { elasticsearchSink } from './elasticsearch.ts'
import { fileSink } from './file.ts'
import { httpSink } from './http.ts'
import { Pump, type PumpParts, type SinkStatus } from './pump.ts'
import type { Sink } from './sink.ts'
import { syslogSink } from './syslog.ts'

export type Sinks = {
  /** The log has so many entries now. Cheap: it is called after every commit. */
  readonly wake: (size: number) => void
  readonly status: () => readonly SinkStatus[]
  /** Ends within seconds; what has not arrived by then is sent after the next start. */
  readonly close: () => Promise<void>
}

/** Sends the log to every configured sink, each at its own pace. */
export function startSinks(settings: readonly SinkSettings[], parts: PumpParts): Sinks {
  const pumps = settings.map((one) => new Pump(openSink(one, parts.clock), one, parts))
  return {
    wake: (size) => {
      for (const pump of pumps) pump.wake(size)
    },
    status: () => pumps.map((pump) => pump.status()),
    close: async () => {
      await Promise.all(pumps.map((pump) => pump.close()))
    },
  }
}

function openSink(settings: SinkSettings, clock: Clock): Sink {
  switch (settings.kind) {
    case 'file':
      return fileSink(settings)
    case 'elasticsearch':
      return elasticsearchSink(settings)
    case 'datadog':
      return datadogSink(settings, clock)
    case 'syslog':
      return syslogSink(settings)
    case 'http':
      return httpSink(settings, clock)
  }
}
