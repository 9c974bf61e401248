import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Diagnostic } from '../../src/core/playbook.ts'
import type { CheckContext } from '../../src/playbook/checked.ts'
import { loadPlaybookIn } from '../../src/playbook/load.ts'
import { registry } from './registry.ts'

const Context = z.strictObject({
  instances: z.record(z.string(), z.array(z.string())).optional(),
  roles: z.record(z.string(), z.number()).optional(),
})

/** A playbook file of the corpus. Comments at its top say what the checker must answer, and what it knows. */
export type Sample = {
  readonly file: string
  readonly text: string
  /** `code line:column`, in the order of the file. */
  readonly expected: readonly string[]
  readonly context: CheckContext
}

export function samples(folder: 'broken' | 'good'): Sample[] {
  const path = join(import.meta.dirname, folder)
  return readdirSync(path)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => sample(file, readFileSync(join(path, file), 'utf8')))
}

function sample(file: string, text: string): Sample {
  const expected = [...text.matchAll(/^# expect: (.+)$/gm)].map(([, line = '']) => line)
  const context = /^# context: (.+)$/m.exec(text)?.[1] ?? '{}'
  const { instances, roles } = Context.parse(JSON.parse(context))
  return {
    file,
    text,
    expected,
    context: { onDisk: true, ...(instances ? { instances } : {}), ...(roles ? { roles } : {}) },
  }
}

export function diagnosticsOf({ text, file, context }: Sample): readonly Diagnostic[] {
  const loaded = loadPlaybookIn(text, file, { actions: registry, context })
  return loaded.ok ? loaded.warnings : loaded.diagnostics
}
