import type { Diagnostic } from '../../../core/playbook.ts'
import type { LintReport } from '../deps.ts'
import { clean, cleanLines } from './clean.ts'
import type { Paint } from './paint.ts'

/** Each fault with its place, the line it stands in, and what to write instead; then a count. */
export function lintText({ files, diagnostics }: LintReport, paint: Paint): string {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const total = `${amount(files.length, 'file')}, ${amount(count('error'), 'error')}, ${amount(count('warning'), 'warning')}`
  return [...diagnostics.map((diagnostic) => faultText(diagnostic, paint)), total].join('\n')
}

function faultText(diagnostic: Diagnostic, paint: Paint): string {
  const { file, line, column, severity, code, message, remedy, excerpt } = diagnostic
  const mark = paint(severity === 'error' ? 'red' : 'yellow', severity)
  const place = paint('bold', `${clean(file)}:${line}:${column}`)
  return `${place} ${mark} ${code}: ${clean(message)}\n${indent(cleanLines(excerpt))}\n  → ${clean(remedy)}\n`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
