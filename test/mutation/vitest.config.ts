import { defineConfig } from 'vitest/config'

/** The tests that are to notice when a rule is changed: those of `src/policy/`, and of what the command line says of it. */
export default defineConfig({
  test: { include: ['test/policy/**/*.test.ts', 'test/commands/policy*.test.ts'], testTimeout: 20_000 },
})
