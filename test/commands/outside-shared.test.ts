import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AuditAnswer } from '../../src/core/wire.ts'
import { tempFolder } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { sharedPostgres, withoutPostgres } from '../support/postgres.ts'
import { openHome } from '../support/serve.ts'

const Line = z.object({ seq: z.int(), type: z.string() })

describe.skipIf(withoutPostgres())('of two processes that share a journal', () => {
  it(
    'one sends what both write and keeps the checkpoints, and when it ends the other one does',
    { timeout: 40_000 },
    async () => {
      const outside = tempFolder()
      const copy = join(outside, 'copy.jsonl')
      const config = {
        store: await (await sharedPostgres()).createDatabase(),
        alerts: { sources: { alertmanager: { auth: 'none' } } },
        audit: {
          sinks: { copy: { kind: 'file', path: copy, every: '1s' } },
          anchors: { disk: { kind: 'file', folder: join(outside, 'anchors') } },
        },
      }
      const [first, second] = await Promise.all([openHome(config), openHome(config)])
      await first.run('audit', 'init')
      cpSync(join(first.folder, 'state'), join(second.folder, 'state'), { recursive: true })
      // The last line may just be written.
      const lines = () => (existsSync(copy) ? readFileSync(copy, 'utf8').split('\n').slice(0, -1) : [])
      const copied = () => lines().map((line) => Line.parse(JSON.parse(line)))
      const decisions = () => copied().filter(({ type }) => type === 'alert.decided').length

      const one = await first.serve()
      await eventually(() => copied().length > 0, { what: 'the first entries' })
      const two = await second.serve()
      await second.alert('A')
      await eventually(() => decisions() === 1, { ms: 10_000, what: 'what the other one wrote' })
      const verified = await second.run('audit', 'verify', '--anchors', '--json')
      const report = AuditAnswer.parse(JSON.parse(verified.out))
      expect(report).toMatchObject({ ok: true, anchors: [{ name: 'disk', state: 'ok' }] })
      expect((await second.run('doctor')).out).toContain('another process sends it')

      expect(await one.signal('SIGTERM')).toBe(0)
      await second.alert('B')
      await eventually(() => decisions() === 2, { ms: 15_000, what: 'the other one in its place' })
      expect(copied().map(({ seq }) => seq)).toEqual(copied().map((_, at) => at))
      expect(await two.signal('SIGTERM')).toBe(0)
    },
  )
})
