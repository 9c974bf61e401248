import { scrubJsonText } from '../../core/scrub/json-text.ts'
import { scrub } from '../../core/scrub/scrub.ts'
import { createScrubStream } from '../../core/scrub/stream.ts'

/** The way out of every HTTP server of this surface: no answer leaves that the scrubber has not seen. */
export async function scrubbedAnswer(answer: Response): Promise<Response> {
  const { body, status, headers } = answer
  if (body === null) return answer
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) return new Response(scrubbedEvents(body), { status, headers })
  const text = await answer.text()
  const scrubbed = type.startsWith('application/json') ? scrubJsonText(text) : scrub(text)
  if (scrubbed === text) return new Response(text, { status, headers })
  headers.delete('content-length')
  return new Response(scrubbed, { status, headers })
}

function scrubbedEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> {
  const stream = createScrubStream(scrubLines)
  const scrubber = new TransformStream<string, string>({
    transform: (piece, out) => give(out, stream.push(piece)),
    flush: (out) => give(out, stream.end()),
  })
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(scrubber).pipeThrough(new TextEncoderStream())
}

function give(out: TransformStreamDefaultController<string>, text: string): void {
  if (text !== '') out.enqueue(text)
}

const DATA = 'data: '

/** Each event's data is a JSON text on one line. */
function scrubLines(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => (line.startsWith(DATA) ? DATA + scrubJsonText(line.slice(DATA.length)) : scrub(line)))
  return lines.join('\n')
}
