import { FirebreakError } from '../../core/errors.ts'
import type { Rec } from './record.ts'

/** What Slack answers to a call it refuses: HTTP 200 with `ok: false`. Thrown inside a method, turned into JSON by the server. */
export class Refusal extends Error {
  readonly code: string
  readonly extra: Rec

  constructor(code: string, extra: Rec = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.extra = extra
  }
}

export function refuse(code: string, extra: Rec = {}): never {
  throw new Refusal(code, extra)
}

/** `invalid_arguments` with Slack's `[ERROR] …` lines [observed]. */
export function invalidArguments(...messages: string[]): never {
  return refuse('invalid_arguments', { response_metadata: { messages: messages.map((m) => `[ERROR] ${m}`) } })
}

/** The person driving the stand-in asked for something no Slack client offers (pressing a button that is not there). */
export function misuse(message: string): never {
  throw new FirebreakError('sandbox.slack-impossible', message, {
    remedy: 'Do what a person in Slack could do: look at messages(), ephemerals() or views() first.',
  })
}
