/** Lets those who wait through one by one, with a pause between them; who is in a hurry goes before the others. */
export type Turnstile = {
  readonly pass: (name: string) => Promise<void>
  readonly hurry: (name: string) => void
}

type Waiting = { readonly name: string; readonly go: () => void }

export function createTurnstile(pause: () => Promise<void>): Turnstile {
  const waiting: Waiting[] = []
  const hurried = new Set<string>()
  let turning = false
  const turn = async () => {
    turning = true
    for (let next = takeNext(waiting, hurried); next !== undefined; next = takeNext(waiting, hurried)) {
      next.go()
      await pause()
    }
    turning = false
  }
  return {
    pass: (name) =>
      new Promise((go) => {
        waiting.push({ name, go })
        if (!turning) void turn()
      }),
    hurry: (name) => void hurried.add(name),
  }
}

function takeNext(waiting: Waiting[], hurried: Set<string>): Waiting | undefined {
  const first = waiting.findIndex(({ name }) => hurried.has(name))
  const [next] = waiting.splice(Math.max(0, first), 1)
  if (next !== undefined) hurried.delete(next.name)
  return next
}
