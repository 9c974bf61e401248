import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    // Test files share a worker's modules: importing them anew for each file costs more than the tests do.
    isolate: false,
    // Most tests wait for something most of the time.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
