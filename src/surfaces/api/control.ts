import type { Firebreak } from '../../core/app.ts'
import type { DoctorPart } from '../../core/wire.ts'
import { controlApp } from './control-routes.ts'
import type { Log } from './log.ts'
import { closeServer, createHttpServer } from './server.ts'
import { listenOnSocket } from './socket.ts'

export type ControlOptions = {
  readonly app: Firebreak
  /** `<state>/control.sock`. */
  readonly socketPath: string
  readonly version: string
  /** The configured parts, each with the identity that it reports for the bot. */
  readonly doctor: () => Promise<readonly DoctorPart[]>
  readonly log: Log
}

export type ControlServer = {
  readonly socketPath: string
  readonly close: () => Promise<void>
}

/**
 * Opens the control API on a Unix socket of mode 0600. Who can open the socket can read and plan; whatever acts or
 * decides needs an SSH signature of a person. Node cannot ask the kernel for the peer's user, so the requester's
 * name is the client's word for itself, and `os` accounts never approve.
 */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  const { socketPath, log } = options
  const stop = new AbortController()
  const server = createHttpServer(controlApp({ ...options, stop: stop.signal }))
  await listenOnSocket(server, socketPath)
  log.info({ socketPath }, 'control socket open')
  return {
    socketPath,
    close: async () => {
      stop.abort()
      await closeServer(server)
    },
  }
}
