/** What this surface needs of a logger (pino fits): data first, then a sentence without data in it. */
export type Log = {
  readonly debug: (data: object, message: string) => void
  readonly info: (data: object, message: string) => void
  readonly warn: (data: object, message: string) => void
  readonly error: (data: object, message: string) => void
}
