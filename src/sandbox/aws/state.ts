export type KeyStatus = 'Active' | 'Inactive'

export type AccessKey = {
  readonly accessKeyId: string
  readonly userName: string
  readonly secretAccessKey: string
  readonly created: Date
  status: KeyStatus
  lastUsed?: { date: Date; serviceName: string; region: string }
}

export type User = {
  readonly userName: string
  readonly path: string
  readonly userId: string
  readonly created: Date
  tags: { Key: string; Value: string }[]
}

/** A version may exist without a value: the placeholder that RotateSecret makes before its function runs. */
export type SecretVersion = {
  readonly id: string
  readonly created: Date
  stages: string[]
  string?: string
  /** Base64, as on the wire. */
  binary?: string
}

export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const
type RotationStep = (typeof rotationSteps)[number]

/** How a rotation function behaves. The stand-in runs no code of anybody's: it plays the four steps. */
export type RotationFunction = {
  /** Milliseconds each step takes. */
  readonly stepMs: number
  /** The step that never ends: AWSPENDING stays where it is. */
  readonly sticksAt?: RotationStep
  /** Older templates leave AWSPENDING on the version that became AWSCURRENT; the service allows both endings. */
  readonly leavesPending?: boolean
}

export type Rotation = {
  readonly token: string
  readonly started: Date
  /** Steps begun, in order: what an observer sees. */
  readonly steps: RotationStep[]
  outcome: 'running' | 'done' | 'cancelled'
}

export type Secret = {
  readonly arn: string
  readonly name: string
  readonly created: Date
  readonly versions: Map<string, SecretVersion>
  description?: string
  kmsKeyId?: string
  tags: { Key: string; Value: string }[]
  lastChanged: Date
  lastRotated?: Date
  lastAccessed?: Date
  rotationFunction?: string
  rotationEnabled?: boolean
  rotationRules?: { AutomaticallyAfterDays?: number; Duration?: string; ScheduleExpression?: string }
  /** Every rotation ever begun, oldest first. */
  readonly rotations: Rotation[]
}

export type TrailEvent = {
  readonly eventId: string
  readonly eventName: string
  readonly eventSource: string
  readonly time: Date
  readonly readOnly: boolean
  readonly accessKeyId?: string
  readonly userName?: string
  readonly resources: readonly { readonly type: string; readonly name: string }[]
  /** The full record: a JSON text, as CloudTrail gives it. */
  readonly record: string
}

/** The whole stand-in account. Plain data (Maps, Dates), so that it can be cloned for faults. */
export type AwsState = {
  readonly account: string
  readonly region: string
  readonly users: Map<string, User>
  readonly keys: Map<string, AccessKey>
  /** By ARN. */
  readonly secrets: Map<string, Secret>
  /** By function ARN. */
  readonly functions: Map<string, RotationFunction>
  readonly events: TrailEvent[]
}

/** What an operation acts on. */
export type World = {
  readonly state: AwsState
  readonly now: () => Date
  /** Runs later, unless the stand-in is closed by then. */
  readonly later: (ms: number, run: () => void) => void
}

/** One authenticated call. */
export type Call = { readonly world: World; readonly caller: AccessKey }

export function userArn(state: AwsState, user: User): string {
  return `arn:aws:iam::${state.account}:user${user.path}${user.userName}`
}
