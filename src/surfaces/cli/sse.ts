import type { Readable } from 'node:stream'

/** The data of each server-sent event, in order (WHATWG HTML, 9.2). A broken connection ends the sequence. */
export async function* readEvents(stream: Readable): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of textOf(stream)) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = dataOf(text.slice(0, end))
      text = text.slice(end + 2)
      if (data !== '') yield data
    }
  }
}

function dataOf(event: string): string {
  const lines = event.split('\n').filter((line) => line.startsWith('data: '))
  return lines.map((line) => line.slice('data: '.length)).join('\n')
}

async function* textOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8')
  try {
    for await (const chunk of stream) yield String(chunk)
  } catch {
    // The bot stopped or was killed. Whether that was too early is for the reader to say: it knows if the run is over.
  }
}
