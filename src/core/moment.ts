/** `2026-01-02 03:04:05Z` of an RFC 3339 time in UTC. */
export function moment(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)}Z`
}
