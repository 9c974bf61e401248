import { actions } from '../actions/index.ts'
import { runInfo } from '../playbook/expand/run-action.ts'
import { catalogueText } from './catalogue.ts'
import type { GeneratedFile } from './file.ts'
import { iamText } from './iam.ts'
import { playbookSchemaText } from './playbook-schema.ts'
import { rbacText } from './rbac.ts'

/** Every file that is made of what the actions declare. */
export function filesFromActions(): GeneratedFile[] {
  const all = Object.values(actions)
  const listed = [...all, runInfo].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return [
    { path: 'src/actions/README.md', text: catalogueText(listed) },
    { path: 'playbooks/schema.json', text: playbookSchemaText(listed) },
    { path: 'deploy/kubernetes/rbac.yaml', text: rbacText(all) },
    { path: 'deploy/aws/policy.json', text: iamText(all) },
  ]
}
