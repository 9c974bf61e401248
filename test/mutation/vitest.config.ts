import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** A mutant is out at the first test that notices it: those that try many things by chance come last. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => slowness(a) - slowness(b))
  }
}

function slowness({ moduleId }: TestSpecification): number {
  return /properties|commands|approval/.test(moduleId) ? 1 : 0
}

/** The tests that are to notice when a rule is changed: those of `src/policy/`, and of what the command line says of it. */
export default defineConfig({
  test: {
    include: ['test/policy/**/*.test.ts', 'test/commands/policy*.test.ts'],
    testTimeout: 20_000,
    sequence: { sequencer: QuickFirst },
  },
})
