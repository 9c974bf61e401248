/** Repeats a check until it holds or the deadline passes. */
export async function eventually<T>(check: () => T | Promise<T>, ms = 4_000): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
