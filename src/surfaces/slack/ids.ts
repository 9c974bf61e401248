/** What buttons and forms are called. Values hold ids only, never parameters: the app looks everything up again. */
export const actionIds = {
  approve: 'firebreak.approve',
  reject: 'firebreak.reject',
  cancel: 'firebreak.cancel',
  undo: 'firebreak.undo',
  resume: 'firebreak.resume',
  done: 'firebreak.done',
  renew: 'firebreak.renew',
  lift: 'firebreak.lift',
  keep: 'firebreak.keep',
  withdraw: 'firebreak.withdraw',
  breakGlass: 'firebreak.break-glass',
  review: 'firebreak.review',
  thaw: 'firebreak.thaw',
  runThis: 'firebreak.run-this',
  details: 'firebreak.details',
  playbook: 'firebreak.playbook',
} as const

export const callbackIds = {
  start: 'firebreak.start',
  details: 'firebreak.details',
  breakGlass: 'firebreak.break-glass',
  review: 'firebreak.review',
} as const

/** Marks our messages in Slack, so that one whose `ts` was lost can be found again. */
export const eventTypes = {
  run: 'firebreak_run',
  notice: 'firebreak_notice',
  note: 'firebreak_note',
} as const

/** The value of a decision button: the run, the request, and the first digits of the digest that the message showed. */
export type ShownRequest = { readonly run: string; readonly request: string; readonly digest: string }

export function encodeShown({ run, request, digest }: ShownRequest): string {
  return [run, request, digest].map(encodeURIComponent).join('|')
}

export function decodeShown(value: string): ShownRequest | undefined {
  const [run, request, digest, ...rest] = value.split('|').map(decode)
  if (run === undefined || request === undefined || digest === undefined || rest.length > 0) return undefined
  return run === '' || request === '' || digest === '' ? undefined : { run, request, digest }
}

/** The value of the button of a step that is done by hand, or whose effect is in place for a time. */
export type ShownTask = { readonly run: string; readonly step: string }

export function encodeTask({ run, step }: ShownTask): string {
  return [run, step].map(encodeURIComponent).join('|')
}

export function decodeTask(value: string): ShownTask | undefined {
  const [run = '', step = '', ...rest] = value.split('|').map(decode)
  return run === '' || step === '' || rest.length > 0 ? undefined : { run, step }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
