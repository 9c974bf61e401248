/** Time as the stand-in sees it. Tests move it forward to let triggers, response URLs and edit windows expire. */
export type Clock = { now(): number; advance(milliseconds: number): void }

export function createClock(): Clock {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    advance: (milliseconds) => {
      offset += milliseconds
    },
  }
}
