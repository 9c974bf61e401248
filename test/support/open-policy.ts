import type { EngineParts } from '../../src/engine/parts.ts'

/** Everything is allowed, and nothing is counted: for tests of what the engine does by itself. */
export const openPolicy: EngineParts['policy'] = {
  neverTouch: () => undefined,
  gate: async () => ({ satisfied: true, missing: '' }),
  bypass: async () => true,
  gates: () => [],
  ruling: () => ({ gates: [], counts: [] }),
}
