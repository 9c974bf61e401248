import { pathToFileURL } from 'node:url'
import { type ErrorCode, errorPages } from '../../../core/errors.ts'
import type { Diagnostic } from '../../../core/playbook.ts'
import type { LintReport } from '../deps.ts'
import { inRepository } from './annotations.ts'

/** The families of codes that a file can be refused with. */
const families = /^(playbook|expr|yaml|config)\./

/** SARIF 2.1.0 (OASIS), the form in which code hosts take findings. */
export function sarif(
  { diagnostics }: LintReport,
  { version, cwd }: { version: string; cwd: string },
): object {
  const codes = [...new Set([...knownCodes(), ...diagnostics.map(({ code }) => code)])].toSorted()
  const driver = { name: 'Firebreak', version, rules: codes.map(ruleOf) }
  const results = diagnostics.map((diagnostic) => resultOf(diagnostic, codes.indexOf(diagnostic.code), cwd))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  }
}

/** Every rule is listed, found or not: a code host shows what was looked for, and old findings keep their help. */
function knownCodes(): ErrorCode[] {
  return Object.keys(errorPages)
    .filter(isErrorCode)
    .filter((code) => families.test(code))
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorPages, code)
}

function ruleOf(code: ErrorCode): object {
  const page = errorPages[code]
  const [first = page] = page.split(/(?<=\.) /)
  return {
    id: code,
    name: pascal(code),
    shortDescription: { text: first },
    fullDescription: { text: page },
    help: { text: `${page}\n\nfirebreak explain ${code}` },
  }
}

/** `playbook.unknown-key` → `PlaybookUnknownKey`: what SARIF wants a rule's name to look like. */
function pascal(code: string): string {
  return code.replaceAll(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number, cwd: string): object {
  const { code, severity, message, remedy, file, line, column } = diagnostic
  const physicalLocation = {
    artifactLocation: { uri: uriOf(inRepository(file, cwd)) },
    region: { startLine: line, startColumn: column },
  }
  return {
    ruleId: code,
    ruleIndex,
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
