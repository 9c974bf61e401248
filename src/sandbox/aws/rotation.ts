import { randomUUID } from 'node:crypto'
import { AwsError } from './errors.ts'
import { attach, CURRENT, detach, hasValue, invalidRequest, PENDING, versionAt } from './secret-versions.ts'
import { rotationSteps, type Rotation, type RotationFunction, type Secret, type World } from './state.ts'

type Begin = { readonly token: string; readonly immediately: boolean }

/**
 * Begins a rotation and returns at once, as the service does; the function's steps follow one by one. A token that
 * already names a version begins nothing: "Secrets Manager uses this value to prevent the accidental creation of
 * duplicate versions if there are failures and retries during a rotation" (API reference of RotateSecret).
 */
export function beginRotation(world: World, secret: Secret, { token, immediately }: Begin): void {
  const behaviour = rotationFunctionOf(world, secret)
  if (secret.versions.has(token)) return
  const pending = versionAt(secret, PENDING)
  if (pending !== undefined && pending !== versionAt(secret, CURRENT)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
  }
  const version = { id: token, created: world.now(), stages: [] }
  secret.versions.set(token, version)
  attach(secret, version, PENDING)
  const rotation: Rotation = { token, started: world.now(), steps: [], outcome: 'running' }
  secret.rotations.push(rotation)
  if (immediately) runStep({ world, secret, rotation, behaviour })
  else rehearse({ world, secret, rotation, behaviour })
}

function rotationFunctionOf(world: World, secret: Secret): RotationFunction {
  if (secret.rotationFunction === undefined) {
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.')
  }
  const behaviour = world.state.functions.get(secret.rotationFunction)
  if (behaviour === undefined) {
    const text =
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.'
    throw new AwsError('AccessDeniedException', text)
  }
  return behaviour
}

type Job = {
  readonly world: World
  readonly secret: Secret
  readonly rotation: Rotation
  readonly behaviour: RotationFunction
}

function runStep(job: Job): void {
  const { world, secret, rotation, behaviour } = job
  const step = rotationSteps[rotation.steps.length]
  if (step === undefined || rotation.outcome !== 'running') return
  rotation.steps.push(step)
  if (step === behaviour.sticksAt) return
  world.later(behaviour.stepMs, () => {
    const version = secret.versions.get(rotation.token)
    if (rotation.outcome !== 'running' || version === undefined) return
    if (step === 'createSecret' && !hasValue(version)) version.string = randomUUID()
    if (step === 'finishSecret') finish(job)
    else runStep(job)
  })
}

function finish({ world, secret, rotation, behaviour }: Job): void {
  const version = secret.versions.get(rotation.token)
  if (version === undefined) return
  attach(secret, version, CURRENT)
  if (behaviour.leavesPending !== true) detach(version, PENDING)
  secret.lastRotated = world.now()
  secret.lastChanged = world.now()
  rotation.outcome = 'done'
}

/** RotateImmediately false: only testSecret runs, on an AWSPENDING copy of the old value that is removed afterwards. */
function rehearse({ world, secret, rotation, behaviour }: Job): void {
  const current = versionAt(secret, CURRENT)
  const copy = secret.versions.get(rotation.token)
  if (copy === undefined) return
  if (current?.string !== undefined) copy.string = current.string
  if (current?.binary !== undefined) copy.binary = current.binary
  rotation.steps.push('testSecret')
  if (behaviour.sticksAt === 'testSecret') return
  world.later(behaviour.stepMs, () => {
    detach(copy, PENDING)
    rotation.outcome = 'done'
  })
}

/** Switches rotation off. A rotation in progress stops where it is, AWSPENDING included; the function's ARN is kept. */
export function cancelRotation(secret: Secret): void {
  if (secret.rotationFunction === undefined) {
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.')
  }
  secret.rotationEnabled = false
  for (const rotation of secret.rotations) if (rotation.outcome === 'running') rotation.outcome = 'cancelled'
}
