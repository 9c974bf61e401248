import { createScrubStream } from './core/scrub/stream.ts'
import { logCrash } from './log.ts'

type Done = (error?: Error | null) => void

/**
 * Puts the scrubber before an output of the process, whoever writes to it: commands, `console`, libraries. Texts that are
 * written in one turn of the event loop are looked at together; bytes, such as a picture's, pass.
 */
function guardOutput(output: NodeJS.WriteStream): void {
  const write = output.write.bind(output)
  const stream = createScrubStream()
  const pass = (text: string): boolean => text === '' || write(text)
  let due: NodeJS.Immediate | undefined
  const flush = (): void => {
    due = undefined
    pass(stream.flush())
  }
  output.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const told = typeof encoding === 'function' ? encoding : done
    if (typeof chunk !== 'string') return write(chunk, told)
    due ??= setImmediate(flush)
    const room = pass(stream.push(chunk))
    if (told) process.nextTick(told)
    return room
  }
  process.once('exit', () => pass(stream.end()))
}

/**
 * What Node would print of an error that nobody caught is the error itself, with all that its maker put into it. And the
 * arguments of a process are everybody's to read on its machine, inputs of a playbook among them: only the name is left.
 */
export function guardProcess(): void {
  process.title = 'firebreak'
  guardOutput(process.stdout)
  guardOutput(process.stderr)
  process.on('uncaughtException', (error) => {
    logCrash(error)
    process.exit(1)
  })
}
