import { pathToFileURL } from 'node:url'
import { type ErrorCode, errorPages } from '../../../core/errors.ts'
import type { Diagnostic } from '../../../core/playbook.ts'
import type { LintReport } from '../deps.ts'

/** SARIF 2.1.0 (OASIS), the form in which code hosts take findings. */
export function sarif({ diagnostics }: LintReport, version: string): object {
  const codes = [...new Set(diagnostics.map(({ code }) => code))]
  const driver = { name: 'Firebreak', version, rules: codes.map(ruleOf) }
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results: diagnostics.map(resultOf) }],
  }
}

function ruleOf(code: ErrorCode): object {
  return { id: code, fullDescription: { text: errorPages[code] } }
}

function resultOf({ code, severity, message, remedy, file, line, column }: Diagnostic): object {
  const physicalLocation = {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  }
  return {
    ruleId: code,
    level: severity,
    message: { text: `${message}\n${remedy}` },
    locations: [{ physicalLocation }],
  }
}

/** Relative paths stay relative, because a code host resolves them against the repository. */
function uriOf(file: string): string {
  if (file.startsWith('/')) return pathToFileURL(file).href
  return file.split('/').map(encodeURIComponent).join('/')
}
