import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import { startBolt } from './bot.ts'
import { hasBrowser, launch, screenshotPath } from './browser.ts'
import type { Heard } from './demo-bot.ts'
import { listen } from './demo-bot.ts'

const sizes = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }

async function say(page: Page, text: string, box = 'Message #incidents'): Promise<void> {
  await page.getByLabel(box).fill(text)
  await page.getByLabel(box).press('Enter')
}

describe.skipIf(!hasBrowser())('the page in a real browser', () => {
  let browser: Browser
  let slack: SlackSandbox
  let heard: Heard
  let stopBot: () => Promise<void>
  // One profile for all tests of a size: a new one each time would cost more than the tests.
  const contexts = new Map<string, BrowserContext>()
  const pages: Page[] = []
  /** Script errors, and requests to anywhere but the stand-in. */
  const problems: string[] = []

  beforeAll(async () => {
    browser = await launch()
  })

  afterAll(async () => {
    await browser.close()
  })

  beforeEach(async () => {
    heard = { submitted: [], closed: 0, chosen: [] }
    slack = await startSlack({
      demo: {
        title: 'Firebreak demo',
        events: [
          {
            id: 'alert',
            label: 'GPU endpoint alert',
            hint: 'Alertmanager: unusual egress',
            fire: async () => {
              slack.say('U0AMIR0002', '#general', 'An alert went off')
              return await Promise.resolve('The alert was accepted.')
            },
          },
        ],
        panels: [
          {
            id: 'keys',
            title: 'IAM access keys',
            read: async () => await Promise.resolve([{ key: 'AKIA1', status: 'Active' }]),
          },
          {
            id: 'cluster',
            title: 'Cluster',
            read: async () => await Promise.resolve({ replicas: { 'llm-server': 4 } }),
          },
        ],
      },
    })
    const bot = await startBolt(slack, listen(heard))
    stopBot = bot.stop
  })

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await stopBot()
    await slack.close()
    expect(problems.splice(0)).toEqual([])
  })

  async function open(size: keyof typeof sizes): Promise<Page> {
    const known = contexts.get(size)
    const context = known ?? (await browser.newContext({ viewport: sizes[size], reducedMotion: 'reduce' }))
    contexts.set(size, context)
    const page = await context.newPage()
    pages.push(page)
    page.setDefaultTimeout(4000)
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(slack.url)) problems.push(`asked for ${request.url()}`)
    })
    await page.goto(slack.url)
    await page.getByLabel('You are').waitFor()
    return page
  }

  for (const size of ['desktop', 'phone'] as const) {
    test(`runs a command, draws the answer, approves as another person and keeps all of it over a reload (${size})`, async () => {
      const page = await open(size)
      await say(page, '/firebreak plan leaked-aws-key')
      const log = page.getByRole('log', { name: 'Messages in #incidents' })
      const run = log.getByRole('article', { name: 'Firebreak', exact: true })
      await run.getByRole('heading', { name: 'Waiting: leaked-aws-key' }).waitFor()
      await log.getByText('Only visible to you').waitFor()
      expect(await run.getByText('<script>alert(1)</script>').count()).toBe(1)
      await run.getByText('graph of the steps').waitFor()
      await page.screenshot({ path: screenshotPath(`slack-page-run-${size}`) })

      await page.getByLabel('You are').selectOption({ label: 'Chen Wei' })
      await log.getByText('Only visible to you').waitFor({ state: 'detached' })
      await run.getByRole('button', { name: 'Approve' }).click()
      await run.getByRole('heading', { name: 'Approved by chen' }).waitFor()
      expect(await run.getByRole('button', { name: 'Approve' }).count()).toBe(0)

      await run.getByRole('button', { name: '1 reply' }).click()
      const thread = page.getByRole('complementary', { name: 'Thread' })
      await thread.getByText('Step 1 is done').waitFor()
      await thread.getByLabel('Reply').fill('/firebreak status')
      await thread.getByLabel('Reply').press('Enter')
      await thread.getByText('/firebreak is not supported in threads. Sorry!').waitFor()
      await page.reload()
      await thread.getByText('Step 1 is done').waitFor()
      expect(await page.getByLabel('You are').inputValue()).toBe('U0CHEN0003')
      await page.screenshot({ path: screenshotPath(`slack-page-thread-${size}`) })
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect(width).toBe(sizes[size].width)
    })

    test(`fills in a dialog: errors of the client, errors of the app, then the values arrive (${size})`, async () => {
      const page = await open(size)
      await say(page, '/firebreak')
      const dialog = page.getByRole('dialog', { name: 'Start a playbook' })
      await dialog.waitFor()
      await dialog.getByLabel('Access key').fill('nonsense')
      await dialog.getByRole('button', { name: 'Plan' }).click()
      await dialog.getByText('Please complete this required field.').first().waitFor()
      await dialog.getByLabel('Hours').fill('24')
      await dialog.getByLabel('Reason').selectOption('leak')
      await dialog.getByRole('radio', { name: 'Plan' }).check()
      await dialog.getByRole('checkbox', { name: 'Notify' }).check()
      await dialog.getByRole('checkbox', { name: 'C3' }).check()
      await dialog.getByLabel('Start at').fill('2026-11-24T10:30')
      await dialog.getByRole('combobox', { name: 'Service' }).fill('eu')
      await dialog.getByRole('option', { name: 'inference-eu' }).click()
      await dialog.getByRole('button', { name: 'Plan' }).click()
      await dialog.getByText('That is not an access key id.').waitFor()
      await page.screenshot({ path: screenshotPath(`slack-page-dialog-${size}`) })
      await page.reload()
      expect(await dialog.getByLabel('Access key').inputValue()).toBe('nonsense')
      expect(await dialog.getByRole('combobox', { name: 'Service' }).inputValue()).toBe('inference-eu')
      await dialog.getByLabel('Access key').fill('AKIA1')
      await dialog.getByRole('button', { name: 'Plan' }).click()
      await dialog.waitFor({ state: 'hidden' })
      expect(heard.submitted).toHaveLength(1)
      expect(heard.submitted[0]).toMatchObject({
        key: { value: { value: 'AKIA1' } },
        hours: { value: { value: '24' } },
        reason: { value: { selected_option: { value: 'leak' } } },
        mode: { value: { selected_option: { value: 'plan' } } },
        flags: { value: { selected_options: [{ value: 'notify' }] } },
        hosts: { value: { selected_options: [{ value: 'c3' }] } },
        service: { value: { selected_option: { value: 'inference-eu' } } },
        start: { value: { selected_date_time: Math.floor(new Date('2026-11-24T10:30').getTime() / 1000) } },
      })
    })
  }

  test('asks before a dangerous button, and offers selects and menus', async () => {
    const page = await open('desktop')
    await say(page, '/firebreak plan x')
    const run = page.getByRole('article', { name: 'Firebreak', exact: true })
    await run.getByRole('button', { name: 'Cancel run' }).click()
    const question = page.getByRole('alertdialog', { name: 'Cancel this run?' })
    await question.getByRole('button', { name: 'Keep it' }).click()
    await question.waitFor({ state: 'hidden' })
    expect(heard.chosen).toEqual([])
    await run.getByRole('button', { name: 'Cancel run' }).click()
    await page.screenshot({ path: screenshotPath('slack-page-confirm') })
    await question.getByRole('button', { name: 'Cancel it' }).click()
    await run.getByLabel('Severity').selectOption('high')
    await run.getByRole('button', { name: 'More actions' }).click()
    await run.getByRole('menuitem', { name: 'Export' }).click()
    await slack.waitFor(() => heard.chosen.length === 3)
    expect(heard.chosen).toEqual(['cancel=pressed', 'severity=high', 'more=export'])
    await page.getByText('noted export').waitFor()
  })

  test('Escape closes a dialog and the app hears of it', async () => {
    const page = await open('desktop')
    await say(page, '/firebreak')
    const dialog = page.getByRole('dialog', { name: 'Start a playbook' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await slack.waitFor(() => heard.closed === 1)
  })

  test('an external person is told that the command does not exist, and a guest sees only their channels', async () => {
    const page = await open('desktop')
    await page.getByLabel('You are').selectOption({ label: 'Eve Moreau (external)' })
    await say(page, '/firebreak plan x')
    await page.getByText('/firebreak is not a valid command.').waitFor()
    await page.getByLabel('You are').selectOption({ label: 'Gus Lindqvist (guest)' })
    const sidebar = page.getByRole('navigation', { name: 'Sidebar' })
    await sidebar.getByText('Gus Lindqvist').waitFor()
    expect(await sidebar.getByRole('button').allInnerTexts()).toHaveLength(2)
  })

  for (const size of ['desktop', 'phone'] as const) {
    test(`shows outside events, unread marks, panels and the wire (${size})`, async () => {
      const page = await open(size)
      const sidebar = page.getByRole('navigation', { name: 'Sidebar' })
      if (size === 'phone') await page.getByRole('button', { name: 'Channels' }).click()
      await page.screenshot({ path: screenshotPath(`slack-page-sidebar-${size}`) })
      await sidebar.getByRole('button', { name: 'GPU endpoint alert' }).click()
      await page.getByText('The alert was accepted.').waitFor()
      if (size === 'phone') await page.getByRole('button', { name: 'Channels' }).click()
      await sidebar.getByRole('button', { name: 'general, 1 unread' }).click()
      await page.getByText('An alert went off').waitFor()
      await say(page, '/firebreak plan x', 'Message #general')
      await page.getByRole('button', { name: 'Behind the scenes' }).click()
      const drawer = page.getByRole('complementary', { name: 'Behind the scenes' })
      await drawer.getByText('slash_commands').click()
      await drawer.getByText('"command": "/firebreak"').waitFor()
      await page.screenshot({ path: screenshotPath(`slack-page-wire-${size}`) })
      await drawer.getByRole('tab', { name: 'Outside systems' }).click()
      await drawer.getByRole('cell', { name: 'AKIA1' }).waitFor()
      await drawer.getByText('"llm-server": 4').waitFor()
      await page.screenshot({ path: screenshotPath(`slack-page-panels-${size}`) })
    })
  }

  test('another site cannot press buttons here', async () => {
    const url = `${slack.url}page/fire`
    const post = async (headers: Record<string, string>) =>
      await fetch(url, { method: 'POST', headers, body: '{"id":"alert"}' })
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(403)
    expect((await post({ 'content-type': 'application/json', origin: 'https://evil.example' })).status).toBe(
      403,
    )
    expect((await post({ 'content-type': 'application/json' })).status).toBe(200)
  })
})
