import type { Context, Method } from '../method.ts'
import { knownChannel } from '../method.ts'
import type { Rec } from '../record.ts'
import { records, string } from '../record.ts'
import { refuse } from '../refusal.ts'
import type { UploadedFile } from '../world.ts'
import { newMessage, parentOf } from './chat.ts'

const write = ['files:write']

/** The three-part upload: ask for a URL, POST the bytes there, complete. `files.upload` itself has ended. */
export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': {
    required: ['length', 'filename'],
    scopes: write,
    run: ({ world, args, origin }) => {
      const id = world.nextId('F')
      const name = args.need('filename')
      const length = args.number('length') ?? 0
      if (length < 1) refuse('missing_argument')
      world.files.set(id, { id, name, length, info: {}, done: false })
      return { upload_url: `${origin}/upload/v1/${id}`, file_id: id }
    },
  },
  'files.completeUploadExternal': { required: ['files'], scopes: write, run: complete },
  'files.info': {
    required: ['file'],
    scopes: ['files:read'],
    run: ({ world, args }) => {
      const file = world.files.get(args.need('file'))
      if (file === undefined || !file.done) return refuse('file_not_found')
      return { file: file.info, comments: [], response_metadata: { next_cursor: '' } }
    },
  },
}

function complete(context: Context): Rec {
  const { world, args } = context
  const wanted = records(args.json('files', 'invalid_arguments'))
  const files = wanted.map((entry) => uploaded(context, entry))
  if (files.length === 0) refuse('file_not_found')
  if (args.has('channel_id')) share(context, files)
  world.changed()
  return { files: files.map((file) => file.info) }
}

function uploaded({ world, origin }: Context, entry: Rec): UploadedFile {
  const file = world.files.get(string(entry['id']))
  if (file === undefined || file.bytes === undefined) return refuse('file_not_found')
  file.done = true
  file.info = {
    id: file.id,
    created: Math.floor(world.clock.now() / 1000),
    name: file.name,
    title: string(entry['title']) || file.name,
    size: file.bytes.length,
    user: world.workspace.app.userId,
    mode: 'hosted',
    filetype: file.name.includes('.') ? file.name.replace(/^.*\./, '') : 'text',
    url_private: `${origin}/files/${file.id}`,
  }
  return file
}

function share(context: Context, files: UploadedFile[]): void {
  const { world, args } = context
  const channel = knownChannel(context, 'channel_id')
  if (!channel.members.has(world.workspace.app.userId)) refuse('not_in_channel')
  const message = newMessage(world, channel, { text: args.text('initial_comment') ?? '' })
  message.files = files.map((file) => file.info)
  const parent = parentOf(world, channel, args.text('thread_ts'))
  if (parent !== undefined) message.threadTs = parent
  world.messages.push(message)
}
