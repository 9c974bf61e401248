import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { demo } from '../../src/commands/demo.ts'
import { hasBrowser, launch, screenshotPath } from '../sandbox/slack/browser.ts'

// The demo as a newcomer uses it: the whole bot, its real clients, the stand-ins, and a real browser.

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }
const KEY = 'AKIAIOSFODNN7EXAMPLE'
/** Rollouts, rotations and terminating pods take their time on a busy machine. */
const PATIENCE = { timeout: 30_000 }

type Desk = {
  readonly say: (text: string) => Promise<void>
  readonly as: (person: string) => Promise<void>
  readonly approve: () => Promise<void>
  readonly press: (name: string) => Promise<void>
  readonly sees: (text: string | RegExp) => Promise<void>
  readonly shoot: (name: string) => Promise<void>
  readonly page: Page
}

describe.skipIf(!hasBrowser())('the demo in a real browser', () => {
  let browser: Browser
  let url = ''
  const ended = new AbortController()
  let running: Promise<void>

  beforeAll(async () => {
    browser = await launch()
    const { promise, resolve } = Promise.withResolvers<string>()
    running = demo({ signal: ended.signal }, resolve)
    url = await Promise.race([promise, running.then(() => 'the demo ended')])
  }, 30_000)

  afterAll(async () => {
    ended.abort()
    await running
    await browser.close()
  }, 30_000)

  async function open(size: keyof typeof sizes): Promise<Desk> {
    const context = await browser.newContext({ viewport: sizes[size] })
    const page = await context.newPage()
    await page.goto(url)
    const confirmed = page.getByRole('alertdialog')
    const press = async (name: string) => {
      await page
        .getByRole('button', { name: new RegExp(`^${name}`) })
        .last()
        .click(PATIENCE)
      await confirmed.getByRole('button').last().click(PATIENCE)
    }
    return {
      page,
      press,
      say: async (text) => {
        const box = page.getByLabel('Message #incidents')
        await box.fill(text)
        await box.press('Enter')
      },
      as: async (person) => {
        const people = page.getByLabel('You are')
        const label = (await people.locator('option').allInnerTexts()).find((name) => name.startsWith(person))
        await people.selectOption({ label: label ?? person })
      },
      approve: () => press('Approve'),
      sees: async (text) => {
        const messages = page.getByRole('log', { name: 'Messages in #incidents' })
        await messages
          .getByText(text)
          .last()
          .waitFor({ state: 'visible', ...PATIENCE })
      },
      shoot: async (name) => void (await page.screenshot({ path: screenshotPath(`demo-${size}-${name}`) })),
    }
  }

  test('a leaked key is planned, approved by two people, switched off, and proved at 1280 px', async () => {
    const { say, as, approve, sees, shoot, page } = await open('desktop')
    await say(`/firebreak plan leaked-aws-key accessKeyId=${KEY} secretIds=prod/model-registry-token`)
    await sees('Dry run, nothing changed')
    await sees(/Active.*Inactive/)
    await say(`/firebreak run leaked-aws-key accessKeyId=${KEY} secretIds=prod/model-registry-token`)
    await sees('Waiting for approval')
    await shoot('waiting')
    await as('Amir')
    await approve()
    await sees('Still missing: 1 of 2 approvers for secrets')
    await as('Chen')
    await approve()
    await sees('Succeeded')
    await sees('Seen in place by a probe')
    await shoot('succeeded')
    expect(await page.getByText('NOT contained: look at the run').count()).toBeGreaterThan(0)
    await page.context().close()
  }, 90_000)

  test('an alert proposes a run; two people scale the endpoint to zero, and it is put back, at 390 px', async () => {
    const { as, approve, press, sees, shoot, page } = await open('phone')
    await page.getByRole('button', { name: /Channels/ }).click()
    await page.getByRole('button', { name: /Alert: GPU endpoint compromised/ }).click()
    await sees(/replicas\s+3\s*→\s*0/)
    await as('Amir')
    await approve()
    await sees('Still missing')
    await shoot('waiting')
    await as('Chen')
    await approve()
    await sees('Seen in place by a probe')
    await shoot('contained')
    await as('Rosa')
    await press('Undo')
    await sees(/replicas\s+0\s*→\s*3/)
    await as('Amir')
    await approve()
    await sees('Still missing: 1 of 2 approvers for undo')
    await as('Chen')
    await approve()
    await sees(/Succeeded · Undo: Scale a compromised GPU endpoint/)
    await shoot('undone')
    await page.context().close()
  }, 90_000)

  test('a bad model version is rolled back, and the rollback is undone, at 1280 px', async () => {
    const { say, as, approve, press, sees, shoot, page } = await open('desktop')
    await say(
      '/firebreak run bad-model-version namespace=inference name=fraud-model replicaSet=fraud-model-6f8b5d7c49',
    )
    await sees('Approval needed: Roll a served model back')
    await as('Amir')
    await approve()
    await sees('inference/fraud-model serves fraud-model-6f8b5d7c49 again')
    await sees(/Succeeded · Roll a served model back/)
    await as('Rosa')
    await press('Undo')
    await sees('Approval needed: Undo: Roll a served model back')
    await as('Chen')
    await approve()
    await sees(/Succeeded · Undo: Roll a served model back/)
    await shoot('undone')
    await page.context().close()
  }, 90_000)
})
