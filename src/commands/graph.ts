import { existsSync } from 'node:fs'
import { FirebreakError } from '../core/errors.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import { drawMermaid, drawPng, drawSvg } from '../playbook/draw/draw.ts'
import type { GraphCommands } from '../surfaces/cli/deps.ts'
import { loadAll, stockPlaybooks } from './files.ts'

/** What `firebreak graph` needs: a playbook, and its drawing. */
export const graph: GraphCommands = {
  playbook: async (playbook) => (isPath(playbook) ? inFile(playbook) : named(playbook)),
  draw: async ({ format, ...drawing }) => {
    switch (format) {
      case 'mermaid':
        return drawMermaid(drawing)
      case 'svg':
        return drawSvg(drawing)
      case 'png':
        return drawPng(drawing)
    }
  },
}

/** Names of playbooks have neither dots nor slashes. */
function isPath(playbook: string): boolean {
  return /[./\\]/.test(playbook) || existsSync(playbook)
}

function inFile(path: string): PlaybookInfo {
  const [only, another] = [...loadAll([path]).playbooks.values()]
  if (only !== undefined && another === undefined) return only.info
  throw new FirebreakError(
    'playbook.file',
    `${path} holds ${only === undefined ? 'no playbook' : 'several playbooks'}`,
    {
      remedy: 'Name the file of one playbook.',
    },
  )
}

function named(name: string): PlaybookInfo {
  const { playbooks } = loadAll([stockPlaybooks])
  const found = playbooks.get(name)
  if (found !== undefined) return found.info
  throw new FirebreakError('playbook.unknown', `there is no stock playbook ${name}`, {
    remedy: `Name a file, or one of ${[...playbooks.keys()].join(', ')}.`,
  })
}
