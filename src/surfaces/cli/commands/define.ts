import type { Command } from 'commander'

/** A command with `--json`. */
export function addCommand(parent: Command, usage: string, summary: string): Command {
  return withJson(parent.command(usage).description(summary))
}

/** A command that speaks to the running bot. */
export function addClientCommand(parent: Command, usage: string, summary: string): Command {
  return withState(addCommand(parent, usage, summary))
}

/** The client command that runs when its parent is called without one. */
export function addDefaultCommand(parent: Command, usage: string, summary: string): Command {
  return withState(withJson(parent.command(usage, { isDefault: true }).description(summary)))
}

/** A client command that signs with an SSH key. */
export function addSigningCommand(parent: Command, usage: string, summary: string): Command {
  return addClientCommand(parent, usage, summary).option(
    '--key <file>',
    'SSH key to sign with; FILE.pub for a key in the agent (default: ~/.ssh/id_ed25519)',
  )
}

function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document for programs')
}

function withState(command: Command): Command {
  return command.option('--state <folder>', 'state folder of the running bot (default: FIREBREAK_STATE)')
}
