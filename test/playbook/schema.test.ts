import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import { type Editor, openEditor } from './language-server.ts'

// What an editor makes of playbooks/schema.json: the real YAML language server, offline, told of the schema only by
// the first line that every playbook has.

const folder = join(import.meta.dirname, '../../playbooks')
const names = [...Object.keys(actions), 'firebreak.run'].toSorted()

const playbook = (step: string): string => `# yaml-language-server: $schema=./schema.json
name: probe
title: A probe
severity: low
because: drill
steps:
  one:
${step.replaceAll(/^/gm, '    ')}
`

let editor: Editor
beforeAll(async () => {
  editor = await openEditor(folder)
})
afterAll(() => editor.close())

describe('an editor', () => {
  it('offers every action, and nothing else, where an action is named', async () => {
    const offered = await editor.completions(playbook('action: ¦'))
    expect(offered.toSorted()).toEqual(names)
  })

  it('offers the actions that go on from what is typed', async () => {
    expect(await editor.completions(playbook('action: kubernetes.sc¦'))).toContain('kubernetes.scale')
  })

  it('offers the keys of a step', async () => {
    const offered = await editor.completions(playbook('action: slack.post\n¦'))
    for (const key of ['with', 'when', 'forEach', 'after', 'approve', 'timeout', 'retry', 'ttl', 'onExpiry'])
      expect(offered).toContain(key)
    expect(offered).not.toContain('action')
  })

  it('offers the inputs of the chosen action, and of no other', async () => {
    const ofScale = await editor.completions(playbook('action: kubernetes.scale\nwith:\n  ¦'))
    // Its own name stands for a snippet with all that are needed.
    expect(ofScale.toSorted()).toEqual(['kind', 'kubernetes.scale', 'name', 'namespace', 'replicas'])
    const ofPost = await editor.completions(playbook('action: slack.post\nwith:\n  ¦'))
    expect(ofPost.toSorted()).toEqual(['channel', 'slack.post', 'text'])
  })

  it('offers the values of an input that has a few', async () => {
    const offered = await editor.completions(playbook('action: kubernetes.scale\nwith:\n  kind: ¦'))
    expect(offered).toEqual(expect.arrayContaining(['Deployment', 'StatefulSet']))
  })

  it('says what a key, an action and an input mean', async () => {
    expect(await editor.hover(playbook('action: slack.post\nfor¦Each: a'))).toContain(
      'the step is done for each entry',
    )
    expect(await editor.hover(playbook('action: aws.rotate¦-secret'))).toContain(
      'Rotate a secret in Secrets Manager',
    )
    expect(await editor.hover(playbook('action: kubernetes.scale\nwith:\n  repl¦icas: 0'))).toMatch(/\w{4}/)
  })

  it.each<[string, string, string]>([
    ['an unknown key of a step', 'action: kubernetes.find-gpu-workloads\nwhith: {}', 'whith'],
    ['an unknown input', 'action: slack.post\nwith: { channel: a, text: b, tekst: c }', 'tekst'],
    ['an unknown action', 'action: aws.explode', 'aws.explode'],
    [
      'an end that is none',
      'action: kubernetes.scale\nwith: { namespace: a, kind: Deployment, name: b, replicas: 0 }\nttl: 4h\nonExpiry: keep',
      'keep',
    ],
    ['a read that ends', 'action: kubernetes.find-gpu-workloads\nttl: 4h', 'ttl'],
    [
      'a value that is not among those allowed',
      'action: kubernetes.scale\nwith: { namespace: a, kind: Pod, name: b, replicas: 0 }',
      'Pod',
    ],
  ])('underlines %s, and only that', async (_, step, underlined) => {
    const text = playbook(step)
    const found = await editor.diagnostics(text)
    expect(found.map(({ range }) => textAt(text, range))).toEqual([underlined])
  })

  it('says which input is missing', async () => {
    const found = await editor.diagnostics(playbook('action: slack.post\nwith: { channel: a }'))
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"text"')])
  })

  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))(
    'has nothing to say about %s',
    async (name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      expect(await editor.diagnostics(text)).toEqual([])
    },
  )
})

type Range = { readonly start: Place; readonly end: Place }
type Place = { readonly line: number; readonly character: number }

function textAt(text: string, { start, end }: Range): string {
  const line = text.split('\n')[start.line] ?? ''
  return line.slice(start.character, end.line === start.line ? end.character : undefined)
}
