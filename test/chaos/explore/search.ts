/** Something that can happen next. */
export type Option = { readonly name: string; readonly go: () => void }

/** What happened, as which one of so many options; the first is what happens when nobody interferes. */
export type Choice = { readonly chosen: number; readonly among: number; readonly name: string }

export type Playing = {
  /** Everything that can happen next. Empty: it is over. */
  readonly options: () => Promise<readonly Option[]>
}

/** Which option comes next, of so many, after so many choices. */
export type Choose = (options: number, choices: number) => number

/** Plays a schedule from its beginning to its end. */
export async function play(schedule: Playing, choose: Choose): Promise<Choice[]> {
  const choices: Choice[] = []
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one choice after the other
    const options = await schedule.options()
    const chosen = choose(options.length, choices.length)
    const option = options[chosen]
    if (option === undefined) return choices
    choices.push({ chosen, among: options.length, name: option.name })
    option.go()
  }
}

/** A path, and nothing that leaves the quiet one after it. */
export function along(path: readonly number[]): Choose {
  return (_, choices) => path[choices] ?? 0
}

/** The next path, depth first: the last choice that has another left, if that is not one deviation too many. */
export function nextPath(choices: readonly Choice[], most: number): readonly number[] | undefined {
  for (let i = choices.length - 1; i >= 0; i--) {
    const before = choices.slice(0, i).map(({ chosen }) => chosen)
    const { chosen, among } = choices[i] ?? { chosen: 0, among: 0 }
    const deviations = before.filter((one) => one > 0).length
    if (chosen + 1 < among && deviations < most) return [...before, chosen + 1]
  }
  return undefined
}

/** In words, in the order in which it happened. */
export function pathWords(choices: readonly Choice[]): string {
  const words: string[] = []
  let times = 1
  for (const [i, { name }] of choices.entries()) {
    times = name === choices[i - 1]?.name ? times + 1 : 1
    if (times > 1) words.pop()
    words.push(times > 1 ? `${name} (${times} times)` : name)
  }
  return words.join(' → ')
}
