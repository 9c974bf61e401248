import { basename } from 'node:path'
import type { Check } from './check.ts'

/** A playbook lies in the file of its name. */
export const fileName: Check = ({ file, document, context, taint }) => {
  const wanted = basename(file).replace(/\.ya?ml$/, '')
  if (context.onDisk !== true || taint.hasHead('name') || document.name === wanted) return []
  return [
    {
      path: ['name'],
      code: 'playbook.file-name',
      message: `the playbook ${document.name} lies in ${basename(file)}`,
      remedy: `Rename the file to ${document.name}.yaml, or the playbook to ${wanted}.`,
    },
  ]
}
