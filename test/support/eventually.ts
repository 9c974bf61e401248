/** Repeats a check until it gives something other than false or undefined, or the deadline passes. No fixed sleeps. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { ms = 8_000, what = 'the condition' }: { ms?: number; what?: string } = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + ms
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value as Exclude<T, false | undefined>
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
