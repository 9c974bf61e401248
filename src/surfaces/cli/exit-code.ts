import type { RunStatus } from '../../core/run.ts'

/** 0 done, 1 failed or refused, 2 bad usage or bad file. */
export type ExitCode = 0 | 1 | 2

/** What a person has to correct in what they typed or wrote, as against what was refused or failed. */
const badInput = /^(usage|input|playbook|config|expr|yaml)\./

export function exitCodeOf(code: string): ExitCode {
  return badInput.test(code) ? 2 : 1
}

/** For a run that was waited for. */
export function exitCodeOfRun(status: RunStatus): ExitCode {
  return status === 'succeeded' || status === 'planned' ? 0 : 1
}
