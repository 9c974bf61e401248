import { relative } from 'node:path'
import type { Diagnostic } from '../../../core/playbook.ts'
import type { LintReport } from '../deps.ts'
import { clean, cleanLines } from './clean.ts'

/**
 * Workflow commands of GitHub Actions: each fault shows beside its line in the pull request. The escapes are those of
 * GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts); without them a message could end its command
 * and begin another.
 */
export function annotations({ diagnostics }: LintReport, cwd: string): string {
  return diagnostics.map((diagnostic) => annotation(diagnostic, cwd)).join('\n')
}

function annotation(
  { severity, file, line, column, code, message, remedy }: Diagnostic,
  cwd: string,
): string {
  const properties = { file: cleanLines(inRepository(file, cwd)), line, col: column, title: code }
  const written = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(String(value))}`,
  )
  return `::${severity} ${written.join(',')}::${escapeData(`${clean(message)}\n${clean(remedy)}`)}`
}

/** A path as GitHub knows the file: from the root of the checkout, which is where its steps run. */
export function inRepository(file: string, cwd: string): string {
  if (!file.startsWith('/')) return file
  const inside = relative(cwd, file)
  return inside.startsWith('..') ? file : inside
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
