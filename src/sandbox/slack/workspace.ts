/** Who and what exists in the stand-in's workspace when it starts. Ids are shaped like Slack's. */
export type UserSeed = {
  id: string
  name: string
  realName: string
  email?: string
  title?: string
  /** Absent: the workspace's own team. Another id makes the person external (Slack Connect). */
  teamId?: string
  admin?: boolean
  /** `multi`: is_restricted; `single`: is_restricted and is_ultra_restricted. */
  guest?: 'multi' | 'single'
  deleted?: boolean
  bot?: boolean
}

export type ChannelSeed = {
  id: string
  name: string
  members: string[]
  private?: boolean
  archived?: boolean
  general?: boolean
  topic?: string
  purpose?: string
}

export type UserGroupSeed = { id: string; handle: string; name: string; users: string[]; disabled?: boolean }

/** A slash command as declared in the app's manifest (`features.slash_commands`). */
type CommandSeed = { command: string; usageHint?: string; shouldEscape?: boolean }

type AppSeed = {
  appId: string
  botId: string
  userId: string
  name: string
  botToken: string
  appToken: string
  scopes: string[]
  /** Bot events subscribed to (`settings.event_subscriptions.bot_events`). */
  events: string[]
  commands: CommandSeed[]
}

export type Workspace = {
  team: { id: string; name: string; domain: string }
  /** User groups exist on paid plans only: `free` answers `plan_upgrade_required`. */
  plan: 'free' | 'paid'
  app: AppSeed
  users: UserSeed[]
  channels: ChannelSeed[]
  userGroups: UserGroupSeed[]
}

/** Every scope a served method asks for; take some away to see `missing_scope`. */
const allScopes = [
  'app_mentions:read',
  'bookmarks:write',
  'channels:history',
  'channels:join',
  'channels:manage',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:read',
  'im:write',
  'metadata.message:read',
  'pins:write',
  'reactions:write',
  'team:read',
  'usergroups:read',
  'users:read',
  'users:read.email',
]

const people: UserSeed[] = [
  { id: 'U0ROSA0001', name: 'rosa', realName: 'Rosa Okafor', title: 'On-call responder' },
  { id: 'U0AMIR0002', name: 'amir', realName: 'Amir Haddad', title: 'Security approver', admin: true },
  { id: 'U0CHEN0003', name: 'chen', realName: 'Chen Wei', title: 'Platform approver' },
  { id: 'U0GUS00004', name: 'gus', realName: 'Gus Lindqvist', title: 'Contractor', guest: 'multi' },
  { id: 'U0EVE00005', name: 'eve', realName: 'Eve Moreau', title: 'Vendor engineer', teamId: 'T0VENDOR99' },
  { id: 'U0DAN00006', name: 'dan', realName: 'Dan Novak', title: 'Left in spring', deleted: true },
]

function demoApp(): AppSeed {
  return {
    appId: 'A0FIREBRK1',
    botId: 'B0FIREBRK1',
    userId: 'U0FIREBRK1',
    name: 'firebreak',
    botToken: 'xoxb-sandbox-bot',
    appToken: 'xapp-sandbox-app',
    scopes: [...allScopes],
    events: ['app_mention', 'message.im', 'subteam_members_changed'],
    commands: [{ command: '/firebreak', usageHint: 'run | plan | status | approve | freeze | help' }],
  }
}

/** The workspace of the demo: a responder, two approvers, a guest, an external person, somebody who left, and the app. */
export function demoWorkspace(): Workspace {
  const everyone = ['U0ROSA0001', 'U0AMIR0002', 'U0CHEN0003', 'U0FIREBRK1']
  return {
    team: { id: 'T0SANDBOX1', name: 'Sandbox', domain: 'sandbox' },
    plan: 'paid',
    app: demoApp(),
    users: people.map((person) => ({ email: `${person.name}@sandbox.example`, ...person })),
    channels: [
      {
        id: 'C0INCIDENT',
        name: 'incidents',
        members: [...everyone, 'U0GUS00004', 'U0EVE00005'],
        topic: 'Incidents and their runs',
      },
      { id: 'C0AUDIT001', name: 'firebreak-audit', members: everyone, topic: 'Checkpoints of the audit log' },
      { id: 'C0GENERAL1', name: 'general', members: everyone, general: true, topic: 'Everybody' },
    ],
    userGroups: [
      {
        id: 'S0APPROVE1',
        handle: 'approvers',
        name: 'Incident approvers',
        users: ['U0AMIR0002', 'U0CHEN0003'],
      },
      {
        id: 'S0RESPOND1',
        handle: 'responders',
        name: 'Incident responders',
        users: ['U0ROSA0001', 'U0AMIR0002', 'U0CHEN0003'],
      },
    ],
  }
}
