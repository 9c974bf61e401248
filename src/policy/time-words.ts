/** Moments in words by the clock of a time zone: `Mon 2026-11-02 08:00 Europe/Berlin`. */
export function clockOf(timezone: string): (moment: number) => string {
  let format: Intl.DateTimeFormat | undefined
  return (moment) => {
    // Few are ever asked for, and making one costs more than all the rest of a ruling.
    format ??= new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    const parts = new Map(format.formatToParts(toMinute(moment)).map(({ type, value }) => [type, value]))
    const [weekday, year, month, day, hour, minute] = (
      ['weekday', 'year', 'month', 'day', 'hour', 'minute'] as const
    ).map((type) => parts.get(type) ?? '')
    return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${timezone}`
  }
}

/** Rather a moment late than one that is too early. */
function toMinute(moment: number): number {
  return Math.ceil(moment / 60_000) * 60_000
}
