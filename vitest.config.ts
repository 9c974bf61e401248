import { defineConfig } from 'vitest/config'

const chaos = ['embedded', 'shared', 'storm'].map((name) => `test/chaos/${name}.test.ts`)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Crash points and storms take minutes: they run where CI is set, and in `npm run nightly`.
    exclude: ['test/bench/**', ...(process.env['CI'] ? [] : chaos)],
    // Test files share a worker's modules: importing them anew for each file costs more than the tests do.
    isolate: false,
    // Most tests wait for something most of the time.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
