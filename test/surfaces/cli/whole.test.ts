import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SOCKET_NAME } from '../../../src/core/wire.ts'
import { startControl } from '../../../src/surfaces/api/control.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { applied, createToy, toyActions, type Toy } from '../../support/toy.ts'
import { keepLog } from '../api/keep-log.ts'
import { createCli, type Cli } from './cli.ts'
import { fingerprintOf, installed, makeKey, publicLine } from './ssh-keys.ts'

// Nothing in between is a stand-in: the command line, OpenSSH, the control socket, and the whole bot.

const set = playbook('set', {
  inputs: { value: { type: 'string', description: 'Text of the lamp' } },
  steps: {},
})
  .replace(/^steps:[\s\S]*/m, '')
  .trimEnd()
