import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  type Diagnostic,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  MarkupContent,
  type Position,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'

// The real language server of editors, as a process that is spoken to over its standard streams.

const CURSOR = '¦'

/** No schema but the one that the file itself names; nothing is fetched. */
const settings = {
  yaml: { schemaStore: { enable: false, url: '' }, validate: true, hover: true, completion: true },
  http: { proxy: '', proxyStrictSSL: true },
}

export type Editor = {
  /** What is offered where the cursor (`¦`) stands. */
  readonly completions: (text: string) => Promise<readonly string[]>
  readonly hover: (text: string) => Promise<string>
  readonly diagnostics: (text: string) => Promise<readonly Diagnostic[]>
  readonly close: () => Promise<void>
}

/** An editor whose files lie in the folder. Each text is a file of its own. */
export async function openEditor(folder: string): Promise<Editor> {
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('yaml-language-server/package.json')
  const server = spawn(
    process.execPath,
    [join(dirname(packageFile), 'bin/yaml-language-server'), '--stdio'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  )
  const waiting = new Map<string, (diagnostics: readonly Diagnostic[]) => void>()
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    waiting.get(uri)?.(diagnostics)
  })
  connection.onRequest(RegistrationRequest.type, () => undefined)
  connection.onRequest(ConfigurationRequest.type, ({ items }) =>
    items.map(({ section }) => (section === 'yaml' || section === 'http' ? settings[section] : null)),
  )
  connection.listen()
  await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: null,
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
  })
  await connection.sendNotification(InitializedNotification.type, {})
  await connection.sendNotification(DidChangeConfigurationNotification.type, { settings })

  let files = 0
  const open = async (text: string): Promise<{ uri: string; found: Promise<readonly Diagnostic[]> }> => {
    const uri = pathToFileURL(join(folder, `editor-${++files}.yaml`)).href
    const { promise, resolve } = Promise.withResolvers<readonly Diagnostic[]>()
    waiting.set(uri, resolve)
    const textDocument = { uri, languageId: 'yaml', version: 1, text: text.replace(CURSOR, '') }
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
    return { uri, found: promise }
  }
  return {
    completions: async (text) => {
      const { uri } = await open(text)
      const params = { textDocument: { uri }, position: positionOf(text) }
      const answer = await connection.sendRequest(CompletionRequest.type, params)
      return (Array.isArray(answer) ? answer : (answer?.items ?? [])).map(({ label }) => label)
    },
    hover: async (text) => {
      const { uri } = await open(text)
      const params = { textDocument: { uri }, position: positionOf(text) }
      const contents = (await connection.sendRequest(HoverRequest.type, params))?.contents
      return MarkupContent.is(contents) ? contents.value : ''
    },
    diagnostics: async (text) => (await open(text)).found,
    close: async () => {
      await connection.sendRequest(ShutdownRequest.type)
      const ended = once(server, 'exit')
      await connection.sendNotification(ExitNotification.type)
      await ended
      connection.dispose()
    },
  }
}

function positionOf(text: string): Position {
  const before = text.slice(0, text.indexOf(CURSOR)).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}
