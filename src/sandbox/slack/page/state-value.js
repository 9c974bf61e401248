/** What an entry of `state.values` holds: text, an option, a list of options, ids. Undefined when nothing is chosen. */
export function held(state) {
  const [, value] = Object.entries(state ?? {}).find(([key]) => key !== 'type') ?? []
  return value ?? undefined
}

/** The same as plain values: options become their `value`. */
export function heldValues(state) {
  const value = held(state)
  const all = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return all.map((entry) => (typeof entry === 'object' ? entry.value : entry))
}

/** The options of a select as groups; one without a label when it has none. */
export function optionGroups(spec, offered) {
  return spec.option_groups ?? [{ options: spec.options ?? offered(spec) }]
}
