import type { Command } from 'commander'
import { errorPages } from '../../../core/errors.ts'
import { badUsage, type CommonOptions, type Session } from '../session.ts'
import { addCommand } from './define.ts'

/** `explain CODE`: the page of an error code. */
export function addExplain(program: Command, session: Session): void {
  addCommand(
    program,
    'explain [code]',
    'what an error code means and what to do; without one, all codes',
  ).action((code: string | undefined, options: CommonOptions) => {
    if (code === undefined) {
      session.print(options, Object.keys(errorPages).join('\n'), errorPages)
      return
    }
    const page = pageOf(code)
    session.print(options, `${code}\n\n${page}`, { code, page })
  })
}

function pageOf(code: string): string {
  const found = Object.entries(errorPages).find(([name]) => name === code)
  if (found !== undefined) return found[1]
  const family = `${code.split('.')[0] ?? ''}.`
  const near = Object.keys(errorPages).filter((name) => name.startsWith(family))
  throw badUsage(
    `there is no error code "${code}"`,
    near.length > 0 ? `Codes like it: ${near.join(', ')}.` : 'List them all with "firebreak explain".',
  )
}
