import type { FileSinkSettings } from '../../core/sink-settings.ts'
import { createAppender } from '../append-lines.ts'
import { asciiJson } from './entry.ts'
import { all, type Sink } from './sink.ts'

/** Lines of JSON, appended to a file; rotating it is left to whoever wants to. */
export function fileSink({ name, path, batch = 1000 }: FileSinkSettings): Sink {
  const append = createAppender(path)
  return {
    name,
    place: path,
    limits: { entries: batch, bytes: 4 << 20 },
    encode: asciiJson,
    send: async (parcels, signal) => {
      const lines = parcels.map(({ text }) => text)
      await append(lines, signal)
      return all(parcels)
    },
    close: async () => {},
  }
}
