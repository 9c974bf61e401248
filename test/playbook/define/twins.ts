import { definePlaybook, eq, input, not, text } from '../../../src/index.ts'

// The stock playbooks, written in TypeScript: each must be the same as its YAML file, key for key.

const nameOf = (description: string) =>
  input.string({ pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$', description })
const namespaceOf = (description: string) =>
  input.string({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description })
const secretIdsOf = (description: string) =>
  input.array(input.string({ minLength: 1, maxLength: 512 }), { default: [], description })

const leakedAwsKey = definePlaybook({
  name: 'leaked-aws-key',
  title: 'Contain a leaked AWS access key',
  severity: 'high',
  because: 'leak',
  covers: { atlas: ['AML.T0055', 'AML.T0012'], owaspLlm: ['LLM02'] },
  inputs: {
    accessKeyId: input.string({ pattern: '^AKIA[A-Z0-9]{16}$', description: 'Id of the leaked key' }),
    secretIds: secretIdsOf('Secrets that hold this key, by name or ARN'),
  },
})
  .step('owner', ({ inputs }) => ({
    action: 'aws.find-access-key',
    with: { accessKeyId: inputs.accessKeyId },
  }))
  .step('evidence', ({ inputs }) => ({
    action: 'aws.lookup-events',
    with: { accessKeyId: inputs.accessKeyId, hours: 24 },
  }))
  .step('disable', ({ inputs, steps }) => ({
    action: 'aws.deactivate-access-key',
    after: ['evidence'],
    with: { userName: steps.owner.userName, accessKeyId: inputs.accessKeyId },
    approve: { from: 'approver', count: 1, within: '30m' },
  }))
  .step('secrets', ({ inputs, each }) =>
    each(inputs.secretIds, (secretId) => ({
      action: 'aws.rotate-secret',
      after: ['disable'],
      with: { secretId },
      concurrency: 5,
      maxFailures: '10%',
      approve: { from: 'approver', count: 2, within: '30m' },
    })),
  )
  .atEnd('contained', 'succeeded', ({ inputs }) => ({
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`Key ${inputs.accessKeyId} is off. Secrets rotated because they held it: ${inputs.secretIds.size()}.`,
    },
  }))
  .atEnd('page', 'failed', ({ inputs }) => ({
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`Key ${inputs.accessKeyId} is NOT contained: look at the run.`,
    },
  }))

const compromisedGpuEndpoint = definePlaybook({
  name: 'compromised-gpu-endpoint',
  title: 'Scale a compromised GPU endpoint to zero',
  severity: 'critical',
  because: 'compromise',
  covers: { atlas: ['AML.T0049', 'AML.T0072', 'AML.T0048.000'], owaspLlm: ['LLM03', 'LLM05'] },
  inputs: {
    namespace: namespaceOf('Namespace of the endpoint'),
    name: nameOf('Name of the Deployment or StatefulSet that serves it'),
    secretIds: secretIdsOf('Secrets that the endpoint could read, to be rotated'),
  },
})
  .step('found', ({ inputs }) => ({
    action: 'kubernetes.find-gpu-workloads',
    with: { namespace: inputs.namespace },
  }))
  .step('contain', ({ inputs, steps, each }) =>
    each(
      steps.found.workloads.filter('w', (w) => eq(w.name, inputs.name)),
      (workload) => ({
        action: 'kubernetes.scale',
        with: { namespace: inputs.namespace, kind: workload.kind, name: inputs.name, replicas: 0 },
        ttl: '24h',
        approve: { from: 'approver', count: 2, within: '15m' },
      }),
    ),
  )
  .step('secrets', ({ inputs, each }) =>
    each(inputs.secretIds, (secretId) => ({
      action: 'aws.rotate-secret',
      after: ['contain'],
      with: { secretId },
      concurrency: 5,
      approve: { from: 'approver', count: 2, within: '15m' },
      evidence: {
        waived: 'Rotating deletes nothing: the old version of a secret and its events in CloudTrail stay',
      },
    })),
  )
  .step('missing', ({ inputs, steps }) => ({
    when: not(steps.found.workloads.exists('w', (w) => eq(w.name, inputs.name))),
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`No GPU workload ${inputs.name} in ${inputs.namespace}: nothing was scaled down.`,
    },
  }))
  .atEnd('page', 'failed', ({ inputs }) => ({
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`GPU endpoint ${inputs.namespace}/${inputs.name} is NOT contained: look at the run.`,
    },
  }))

const badModelVersion = definePlaybook({
  name: 'bad-model-version',
  title: 'Roll a served model back to an earlier version',
  severity: 'high',
  because: 'defect',
  covers: { atlas: ['AML.T0018', 'AML.T0031'], owaspLlm: ['LLM04'] },
  inputs: {
    namespace: namespaceOf('Namespace of the model server'),
    name: nameOf('Name of the Deployment that serves the model'),
    replicaSet: nameOf('Name of the earlier ReplicaSet to go back to'),
  },
})
  .step('revisions', ({ inputs }) => ({
    action: 'kubernetes.list-revisions',
    with: { namespace: inputs.namespace, name: inputs.name },
  }))
  .step('unknown', ({ inputs, steps }) => ({
    when: not(steps.revisions.revisions.exists('r', (r) => eq(r.replicaSet, inputs.replicaSet))),
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`${inputs.replicaSet} is no revision of ${inputs.name}. There are: ${steps.revisions.revisions.map('r', (r) => r.replicaSet).join(', ')}.`,
    },
  }))
  .step('back', ({ inputs, steps }) => ({
    when: steps.revisions.revisions.exists('r', (r) => eq(r.replicaSet, inputs.replicaSet)),
    action: 'kubernetes.rollback',
    with: { namespace: inputs.namespace, name: inputs.name, replicaSet: inputs.replicaSet },
    approve: { from: 'approver', count: 1, within: '30m' },
  }))
  .atEnd('served', 'succeeded', ({ inputs }) => ({
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`${inputs.namespace}/${inputs.name} serves ${inputs.replicaSet} again.`,
    },
  }))
  .atEnd('page', 'failed', ({ inputs }) => ({
    action: 'slack.post',
    with: {
      channel: 'incidents',
      text: text`${inputs.namespace}/${inputs.name} still serves the bad version: look at the run.`,
    },
  }))

export const twins = { leakedAwsKey, compromisedGpuEndpoint, badModelVersion }
