import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readPlaybooks } from '../../../src/playbook/folder.ts'
import { ann } from '../../support/people.ts'
import { startBot, type Bot } from '../../support/bot.ts'
import { applied, createToy, toyActions, type Toy } from '../../support/toy.ts'
import { playbookText, text } from './support.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const inner = playbookText('inner', {
  inputs: { lamp: text },
  outputs: { before: '${{ steps.seen.value }}' },
  steps: {
    seen: { action: 'toy.look', with: { lamp: '${{ inputs.lamp }}' } },
    turn: {
      action: 'toy.set',
      with: { lamp: '${{ inputs.lamp }}', value: 'not ${{ steps.seen.value }}' },
      approve: { from: 'approver' },
    },
    page: { when: 'failed()', action: 'toy.tell', with: { text: '${{ inputs.lamp }} failed' } },
  },
})

const outer = playbookText('outer', {
  inputs: { deep: { type: 'boolean', description: 'Whether', default: true } },
  steps: {
    first: { action: 'toy.look', with: { lamp: 'a' } },
    sub: {
      action: 'firebreak.run',
      when: 'inputs.deep',
      with: { playbook: 'inner', inputs: { lamp: '${{ steps.first.lamp }}' } },
    },
    last: {
      action: 'toy.set',
      after: ['sub'],
      with: { lamp: 'b', value: 'was ${{ steps.?sub.before.orValue("not asked") }}' },
    },
  },
})

/** A bot that has read a folder with both playbooks. */
async function botOf(toy: Toy): Promise<Bot & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-expand-'))
  writeFileSync(join(folder, 'inner.yaml'), inner)
  writeFileSync(join(folder, 'outer.yaml'), outer)
  const actions = toyActions(toy)
  const { playbooks, diagnostics } = readPlaybooks([folder], actions)
  expect(diagnostics).toEqual([])
  const bot = await startBot({ actions, playbooks: [...playbooks.values()].map((one) => one.text) })
  open.push(bot.close, () => rmSync(folder, { recursive: true }))
  return { ...bot, folder }
}

describe('a run of a playbook that runs another', () => {
  it('asks by the approvals of the inner one, and goes on with what it gives', async () => {
    const toy = createToy({ a: 'on', b: 'dim' })
    const bot = await botOf(toy)
    const run = await bot.start('outer')
    await bot.waiting(run)
    expect(applied(toy)).toEqual([])
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(toy.lamps).toEqual(
      new Map([
        ['a', 'not on'],
        ['b', 'was on'],
      ]),
    )
  })

  it('skips all of the inner one with it, and goes on without what it gives', async () => {
    const toy = createToy({ a: 'on', b: 'dim' })
    const bot = await botOf(toy)
    const run = await bot.start('outer', { deep: false })
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(toy.lamps.get('b')).toBe('was not asked')
    expect(await bot.types(run)).toEqual(
      expect.arrayContaining(['step.skipped sub_seen', 'step.skipped sub_turn']),
    )
    expect(applied(toy)).toEqual(['b'])
  })

  it('does not begin what comes after the inner one when that fails, and runs its closing step', async () => {
    const toy = createToy({ a: 'on', b: 'dim' })
    toy.probe = () => 'absent'
    const bot = await botOf(toy)
    const run = await bot.start('outer')
    await bot.waiting(run)
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('failed')
    expect(applied(toy)).not.toContain('b')
    expect(await bot.types(run)).toContain('step.succeeded sub_page')
  })

  it('runs no closing step of an inner one that never began for want of its inputs', async () => {
    const toy = createToy({ b: 'dim' })
    const bot = await botOf(toy)
    const run = await bot.start('outer')
    expect((await bot.over(run)).state.status).toBe('failed')
    expect(await bot.types(run)).toContain('step.skipped sub_page')
  })

  it('is taken up after a restart although the folder has lost the inner one', async () => {
    const toy = createToy({ a: 'on', b: 'dim' })
    const bot = await botOf(toy)
    const run = await bot.start('outer')
    await bot.waiting(run)
    rmSync(join(bot.folder, 'inner.yaml'))
    const left = readPlaybooks([bot.folder], toyActions(toy))
    expect(left.diagnostics.map(({ code }) => code)).toEqual(['playbook.unknown'])
    // A restart closes it.
    open.shift()
    const again = await bot.restart({ playbooks: [...left.playbooks.values()].map((one) => one.text) })
    open.push(again.close)
    await again.waiting(run)
    await again.decide(run, ann)
    expect((await again.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a', 'b'])
  })
})

describe('a folder', () => {
  it('finds a playbook beside a file that is named alone', async () => {
    const { folder } = await botOf(createToy())
    const library = readPlaybooks([join(folder, 'outer.yaml')], toyActions(createToy()))
    expect(library.diagnostics).toEqual([])
    expect([...library.playbooks.keys()]).toEqual(['outer'])
  })
})
