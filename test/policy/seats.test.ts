import { describe, expect, it } from 'vitest'
import { type Bench, seat } from '../../src/policy/seats.ts'
import { randomFrom, shuffled } from '../support/random.ts'

function bench(count: number, ...persons: string[]): Bench {
  return { count, fits: (person) => persons.includes(person) }
}

/** By trying everything: the most seats that can be taken, each person once. */
function mostOf(benches: readonly Bench[], persons: readonly string[]): number {
  const [person, ...rest] = persons
  if (person === undefined) return 0
  const seated = benches.flatMap((candidate, at) =>
    candidate.count > 0 && candidate.fits(person)
      ? [1 + mostOf(benches.with(at, { ...candidate, count: candidate.count - 1 }), rest)]
      : [],
  )
  return Math.max(mostOf(benches, rest), ...seated)
}

describe('seats', () => {
  it('are taken by who fits, in the order that they come, and no more than there are', () => {
    expect(seat([bench(2, 'a', 'b', 'c')], ['a', 'x', 'c', 'b'])).toEqual([['a', 'c']])
    expect(seat([bench(1, 'a')], [])).toEqual([[]])
    expect(seat([], ['a'])).toEqual([])
  })

  it('are for one of them each: who sits on one bench counts for no other', () => {
    expect(seat([bench(1, 'a'), bench(1, 'a')], ['a'])).toEqual([['a'], []])
  })

  it('are filled from the first bench on', () => {
    expect(seat([bench(2, 'a', 'b'), bench(1, 'a', 'b')], ['a', 'b'])).toEqual([['a', 'b'], []])
  })

  it('are left for another one by who has another, through any number of benches', () => {
    const benches = [bench(1, 'a', 'b'), bench(1, 'a', 'c'), bench(1, 'c', 'd')]
    expect(seat(benches, ['a', 'c', 'b', 'd'])).toEqual([['b'], ['a'], ['c']])
    expect(seat([bench(1, 'a', 'b'), bench(1, 'a')], ['a', 'b'])).toEqual([['b'], ['a']])
  })

  it('are not left for somebody where there is no other', () => {
    expect(seat([bench(1, 'a', 'b')], ['a', 'b'])).toEqual([['a']])
    expect(seat([bench(2, 'a', 'b', 'c'), bench(1, 'a')], ['b', 'c', 'a'])).toEqual([['b', 'c'], ['a']])
  })

  it('are as many as can be, and no person sits twice or where they do not fit, however they come', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const random = randomFrom(seed)
      const persons = shuffled(['a', 'b', 'c', 'd', 'e'], random)
      const benches = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
        bench(1 + Math.floor(random() * 2), ...persons.filter(() => random() < 0.5)),
      )
      const seated = seat(benches, persons)
      const all = seated.flat()
      expect(new Set(all).size).toBe(all.length)
      expect(seated.every((on, at) => on.every((person) => benches[at]?.fits(person)))).toBe(true)
      expect(seated.every((on, at) => on.length <= (benches[at]?.count ?? 0))).toBe(true)
      expect(all.length, `seed ${seed}`).toBe(mostOf(benches, persons))
    }
  })
})
