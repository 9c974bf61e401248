import type { Clock } from './clock.ts'
import type { Rec } from './record.ts'
import type { ChannelSeed, UserGroupSeed, UserSeed, Workspace } from './workspace.ts'

export type User = UserSeed & { teamId: string }

export type Channel = Omit<ChannelSeed, 'members'> & {
  members: Set<string>
  created: number
  creator: string
  kind: 'channel' | 'im'
  previousNames: string[]
  bookmarks: Rec[]
}

export type Reaction = { name: string; users: string[] }

export type Message = {
  channel: string
  ts: string
  user: string
  text: string
  postedAt: number
  threadTs?: string
  botId?: string
  subtype?: string
  blocks?: Rec[]
  attachments?: Rec[]
  metadata?: Rec
  edited?: { user: string; ts: string }
  broadcast?: boolean
  username?: string
  files?: Rec[]
  /** Set: only this person sees it, and the Web API cannot reach it. */
  onlyFor?: string
  reactions: Reaction[]
  pinned: boolean
}

export type View = {
  id: string
  user: string
  type: 'modal' | 'home'
  /** The normalised payload: title, blocks, submit, close, private_metadata, … */
  body: Rec
  hash: string
  rootId: string
  previousId: string | null
  /** Input state by block_id, then action_id, in Slack's form. */
  values: Record<string, Rec>
}

export type UploadedFile = {
  id: string
  name: string
  length: number
  bytes?: Buffer
  info: Rec
  done: boolean
}

/** Everything Slack would keep in its databases, and nothing else: no sockets, no HTTP. */
export type World = {
  readonly workspace: Workspace
  readonly clock: Clock
  readonly users: Map<string, User>
  readonly channels: Map<string, Channel>
  readonly groups: Map<string, UserGroupSeed>
  readonly messages: Message[]
  readonly views: Map<string, View>
  /** Open modals per person, bottom first; at most 3. */
  readonly stacks: Map<string, string[]>
  readonly files: Map<string, UploadedFile>
  /** Newest message read, by `person channel`. */
  readonly reads: Map<string, string>
  nextTs(): string
  nextId(prefix: string): string
  /** Says that something a person could see has changed. */
  changed(): void
  onChange(listener: () => void): () => void
}

function addUsers(world: World): void {
  const { team, app, users } = world.workspace
  for (const user of users) world.users.set(user.id, { teamId: team.id, ...user })
  world.users.set('USLACKBOT', {
    id: 'USLACKBOT',
    name: 'slackbot',
    realName: 'Slackbot',
    teamId: team.id,
    bot: true,
  })
  world.users.set(app.userId, {
    id: app.userId,
    name: app.name,
    realName: app.name.charAt(0).toUpperCase() + app.name.slice(1),
    teamId: team.id,
    bot: true,
  })
}

function addChannels(world: World): void {
  const creator = world.workspace.users[0]?.id ?? world.workspace.app.userId
  for (const seed of world.workspace.channels) addChannel(world, seed, creator)
}

export function addChannel(world: World, seed: ChannelSeed, creator: string): Channel {
  const channel: Channel = {
    ...seed,
    members: new Set(seed.members),
    created: Math.floor(world.clock.now() / 1000),
    creator,
    kind: seed.id.startsWith('D') ? 'im' : 'channel',
    previousNames: [],
    bookmarks: [],
  }
  world.channels.set(channel.id, channel)
  return channel
}

/** `1712345678.000123`: seconds and microseconds, strictly increasing, unique in the whole workspace. */
function tsSource(clock: Clock): () => string {
  let last = 0
  return () => {
    last = Math.max(last + 1, Math.floor(clock.now() * 1000))
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`
  }
}

function idSource(): (prefix: string) => string {
  let next = 36 ** 7
  return (prefix) => {
    next += 1 + Math.floor(Math.random() * 40_000)
    return `${prefix}0${next.toString(36).toUpperCase().padStart(8, '0')}`
  }
}

export function createWorld(workspace: Workspace, clock: Clock): World {
  const listeners = new Set<() => void>()
  const world: World = {
    workspace,
    clock,
    users: new Map(),
    channels: new Map(),
    groups: new Map(workspace.userGroups.map((group) => [group.id, { ...group, users: [...group.users] }])),
    messages: [],
    views: new Map(),
    stacks: new Map(),
    files: new Map(),
    reads: new Map(),
    nextTs: tsSource(clock),
    nextId: idSource(),
    changed: () => {
      for (const listener of listeners) listener()
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  addUsers(world)
  addChannels(world)
  return world
}

/** The message as the Web API sees it: never an ephemeral one. */
export function findMessage(world: World, channel: string, ts: string): Message | undefined {
  return world.messages.find((m) => m.channel === channel && m.ts === ts && m.onlyFor === undefined)
}

export function replies(world: World, parent: Message): Message[] {
  return world.messages.filter(
    (m) =>
      m.channel === parent.channel &&
      m.threadTs === parent.ts &&
      m.ts !== parent.ts &&
      m.onlyFor === undefined,
  )
}

export function isExternal(world: World, user: User): boolean {
  return user.teamId !== world.workspace.team.id
}

/** What a person can see: channels they are in, and public ones unless they are guests or external. */
export function canSee(world: World, user: User, channel: Channel): boolean {
  if (channel.members.has(user.id)) return true
  return (
    channel.kind === 'channel' &&
    channel.private !== true &&
    user.guest === undefined &&
    !isExternal(world, user)
  )
}

export function viewStack(world: World, user: string): View[] {
  return (world.stacks.get(user) ?? []).flatMap((id) => {
    const view = world.views.get(id)
    return view === undefined ? [] : [view]
  })
}
