/** A place that takes so many persons, and who fits. */
export type Bench = { readonly count: number; readonly fits: (person: string) => boolean }

/**
 * Seats as many persons as there are seats for, each once: who sits on one bench counts for no other. Somebody who fits on
 * two moves where another one needs the seat (augmenting paths: H. W. Kuhn, "The Hungarian method", 1955). Earlier benches are
 * filled first. Gives who sits on each.
 */
export function seat(benches: readonly Bench[], persons: readonly string[]): readonly (readonly string[])[] {
  const seated = benches.map((): string[] => [])
  for (const person of persons) place(person, { benches, seated, tried: new Set() })
  return seated
}

type Room = {
  readonly benches: readonly Bench[]
  readonly seated: readonly string[][]
  /** Benches on which everybody has been asked to move. */
  readonly tried: Set<number>
}

function place(person: string, room: Room): boolean {
  return room.benches.some((bench, at) => {
    if (room.tried.has(at) || !bench.fits(person)) return false
    room.tried.add(at)
    const sitting = room.seated[at] ?? []
    if (sitting.length < bench.count) return sitting.push(person) > 0
    const moved = sitting.findIndex((other) => place(other, room))
    if (moved === -1) return false
    sitting[moved] = person
    return true
  })
}
