import { Command } from 'commander'
import { addDecisions } from './commands/approve.ts'
import { addAudit } from './commands/audit.ts'
import { addContainments } from './commands/containments.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExplain } from './commands/explain.ts'
import { addFileCommands } from './commands/files.ts'
import { addFreeze } from './commands/freeze.ts'
import { addGraph } from './commands/graph.ts'
import { addGuardrails } from './commands/guardrails.ts'
import { addOwnerCommands } from './commands/owner.ts'
import { addPolicy } from './commands/policy.ts'
import { addRuns } from './commands/runs.ts'
import { addSecondThoughts } from './commands/second-thoughts.ts'
import { addStore } from './commands/store.ts'
import { addStartCommands } from './commands/start.ts'
import { addWhy } from './commands/why.ts'
import type { CliDeps } from './deps.ts'
import { createSession, type Session } from './session.ts'

/** The whole command line. It prints through `deps.io` and throws instead of leaving the process. */
export function createProgram(deps: CliDeps, session: Session = createSession(deps)): Command {
  const { io } = deps
  const program = new Command('firebreak')
    .description('Incident response for AI platforms: plan, approve, act, prove.')
    .version(deps.version)
    .exitOverride()
    // Errors are printed by runCli, in one form for all.
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr, outputError: () => {} })
    .helpCommand(true)
  addStartCommands(program, session)
  addRuns(program, session)
  addDecisions(program, session)
  addSecondThoughts(program, session)
  addContainments(program, session)
  addFreeze(program, session)
  addWhy(program, session)
  addGuardrails(program, session)
  addAudit(program, session)
  addDoctor(program, session)
  addFileCommands(program, session)
  addGraph(program, session)
  addPolicy(program, session)
  addExplain(program, session)
  addOwnerCommands(program, session)
  addStore(program, session)
  return program
}
