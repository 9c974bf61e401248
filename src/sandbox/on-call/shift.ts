/** Somebody is on call by a schedule from this moment on, until before that one; without an end, for ever. */
export type Shift = { readonly user: string; readonly start: Date; readonly end?: Date }

export function isOn({ start, end }: Shift, now: Date): boolean {
  return start <= now && (end === undefined || now < end)
}
