/** Where the mortal bot (mortal.ts) can be told to die. */
export const points = [
  'before-intent',
  'after-intent',
  'after-effect',
  'before-probe',
  'before-outcome',
  'after-outcome',
] as const
export type Point = (typeof points)[number]
