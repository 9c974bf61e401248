// `npm run mutate [-- src/policy/FILE.ts …]`: the part of `npm run nightly` that changes rules, for some files or for all.
import process from 'node:process'
import { mutate } from './mutants.ts'

const { violations, mutants, noticed, percent } = await mutate(process.argv.slice(2))
for (const violation of violations) console.log(violation)
console.log(`${noticed} of ${mutants} mutants noticed (${percent}%), ${violations.length} faults`)
process.exitCode = violations.length > 0 ? 1 : 0
