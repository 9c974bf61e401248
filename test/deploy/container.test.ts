import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, manifests, only, readYaml, root, textOf } from './manifests.ts'

const dockerfile = readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8')
const lines = dockerfile
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))

/** What is copied from the build context, by line. */
const copies = lines
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .map((line) => line.split(/\s+/).slice(1, -1))

it('copies only what is in the repository', () => {
  expect(copies.flat()).toContain('src')
  for (const source of copies.flat()) expect([source, existsSync(join(root, source))]).toEqual([source, true])
})

it('copies from stages that exist, what they make', () => {
  const stages = lines.flatMap((line) => /^FROM \S+ AS (\w+)/.exec(line)?.[1] ?? [])
  const used = lines.flatMap((line) => /--from=(\w+)/.exec(line)?.[1] ?? [])
  expect(used.toSorted()).toEqual(stages.toSorted())
})

it('takes along all that the package does, and no source', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
  const into = last.filter((line) => line.startsWith('COPY ')).join(' ')
  for (const file of files.filter((name) => name !== 'deploy')) expect(into).toContain(file)
  expect(into).not.toMatch(/\bsrc\b/)
})

it('runs as the user of the pod, by number, on the Node that the project needs', () => {
  const user = at(only(manifests(), 'Deployment'), [
    'spec',
    'template',
    'spec',
    'securityContext',
    'runAsUser',
  ])
  expect(lines.filter((line) => line.startsWith('USER '))).toEqual([`USER ${textOf(user)}:${textOf(user)}`])
  for (const line of lines.filter((line) => line.startsWith('FROM ')))
    expect(line).toMatch(/^FROM node:24-slim/)
})

it('has the playbooks where the sample configuration looks for them', () => {
  const workdir = lines.findLast((line) => line.startsWith('WORKDIR '))?.split(' ')[1]
  expect(readYaml('firebreak.yaml')['playbooks']).toBe(`${workdir}/playbooks`)
  expect(lines).toContain(`ENTRYPOINT ["node", "${workdir}/bin/firebreak.mjs"]`)
})
