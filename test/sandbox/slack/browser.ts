import { existsSync, mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const executablePath = process.env['FIREBREAK_CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether a browser is there. Its absence skips tests with a line of explanation, and fails them under CI. */
export function hasBrowser(): boolean {
  if (existsSync(executablePath)) return true
  if (process.env['CI']) throw new Error(`CI is set and there is no browser at ${executablePath}`)
  console.log(
    `skipped: no browser at ${executablePath} (apt-get install chromium, or set FIREBREAK_CHROMIUM)`,
  )
  return false
}

export async function launch(): Promise<Browser> {
  const quiet = ['no-first-run', 'disable-background-networking', 'disable-component-update', 'disable-sync']
  return await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', ...quiet.map((flag) => `--${flag}`)],
  })
}

/** Screenshots are output to look at, never files to compare with. */
export function screenshotPath(name: string): string {
  const folder = new URL('../../output/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  return new URL(`${name}.png`, folder).pathname
}
