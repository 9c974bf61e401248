import type { JsonObject } from '../../core/json.ts'
import { nearest } from './suggest.ts'

export type StartCommand = {
  readonly word: 'run' | 'plan'
  readonly playbook: string
  readonly inputs: JsonObject
}
export type DecisionCommand = {
  readonly word: 'approve' | 'reject'
  readonly run: string
  readonly reason?: string
}
export type StopCommand =
  | { readonly word: 'cancel'; readonly run: string; readonly reason?: string }
  | { readonly word: 'resume'; readonly run: string; readonly reason?: string }
  | { readonly word: 'undo'; readonly run: string }
/** What people do about an approval besides giving it. */
export type WishCommand = {
  readonly word: 'withdraw' | 'break-glass' | 'review'
  readonly run: string
  readonly reason?: string
}
export type FreezeCommand = { readonly word: 'freeze' | 'thaw'; readonly reason?: string }
export type ReadCommand =
  | { readonly word: 'help' }
  | { readonly word: 'playbooks' }
  | { readonly word: 'status'; readonly run?: string }

/** What somebody typed after `/firebreak`. */
export type Command =
  | { readonly word: 'menu' }
  | StartCommand
  | DecisionCommand
  | StopCommand
  | WishCommand
  | FreezeCommand
  | ReadCommand

/** What was not understood, and what to type instead. */
export type Misread = { readonly word: 'misread'; readonly message: string; readonly remedy: string }

const usages = {
  run: 'run <playbook> key=value …',
  plan: 'plan <playbook> key=value …',
  status: 'status [run]',
  approve: 'approve <run>',
  reject: 'reject <run> [reason]',
  withdraw: 'withdraw <run> [reason]',
  'break-glass': 'break-glass <run> <reason>',
  review: 'review <run> <what you found>',
  cancel: 'cancel <run> [reason]',
  resume: 'resume <run> [reason]',
  undo: 'undo <run>',
  freeze: 'freeze [reason]',
  thaw: 'thaw [reason]',
  playbooks: 'playbooks',
  help: 'help',
} as const

type Word = keyof typeof usages

export const commandUsages: { readonly [word in Word]: string } = usages

const words = Object.keys(usages)

function isWord(word: string): word is Word {
  return Object.hasOwn(usages, word)
}

/** Reads the words. It knows nothing of playbooks: the app checks names and values. */
export function readCommand(text: string): Command | Misread {
  const tokens = tokenize(text)
  if (tokens === undefined)
    return misread('A quote is opened and not closed.', 'Close it, or leave the quotes out.')
  const [first, ...rest] = tokens
  if (first === undefined) return { word: 'menu' }
  const word = first.text.toLowerCase()
  if (isWord(word)) return readers[word](rest, word)
  const guess = nearest(word, words)
  const known = `Known words: ${words.join(', ')}.`
  return misread(
    `“${clip(first.text)}” is not a command.`,
    guess === undefined ? known : `Did you mean “${usages[isWord(guess) ? guess : 'help']}”? ${known}`,
  )
}

type Token = {
  readonly text: string
  /** Where the first unquoted `=` is. */
  readonly equals?: number
}

type Reader = (rest: readonly Token[], word: Word) => Command | Misread

const readers: { readonly [word in Word]: Reader } = {
  run: (rest) => readStart('run', rest),
  plan: (rest) => readStart('plan', rest),
  status: ([run]) => (run === undefined ? { word: 'status' } : { word: 'status', run: run.text }),
  approve: (rest) => readDecision('approve', rest),
  reject: (rest) => readDecision('reject', rest),
  withdraw: (rest) => readWish('withdraw', rest),
  'break-glass': (rest) => readWish('break-glass', rest),
  review: (rest) => readWish('review', rest),
  cancel: ([run, ...rest]) =>
    run === undefined ? lacksRun('cancel') : { word: 'cancel', run: run.text, ...reasonOf(rest) },
  resume: ([run, ...rest]) =>
    run === undefined ? lacksRun('resume') : { word: 'resume', run: run.text, ...reasonOf(rest) },
  undo: ([run]) => (run === undefined ? lacksRun('undo') : { word: 'undo', run: run.text }),
  freeze: (rest) => ({ word: 'freeze', ...reasonOf(rest) }),
  thaw: (rest) => ({ word: 'thaw', ...reasonOf(rest) }),
  playbooks: () => ({ word: 'playbooks' }),
  help: () => ({ word: 'help' }),
}

function readDecision(
  word: DecisionCommand['word'],
  [run, ...rest]: readonly Token[],
): DecisionCommand | Misread {
  return run === undefined ? lacksRun(word) : { word, run: run.text, ...reasonOf(rest) }
}

function readWish(word: WishCommand['word'], [run, ...rest]: readonly Token[]): WishCommand | Misread {
  return run === undefined ? lacksRun(word) : { word, run: run.text, ...reasonOf(rest) }
}

function lacksRun(word: Word): Misread {
  return misread(
    `“${word}” needs the id of a run.`,
    `Type “${usages[word]}”; “status” lists the latest runs.`,
  )
}

function reasonOf(tokens: readonly Token[]): { readonly reason?: string } {
  const reason = tokens
    .map((token) => token.text)
    .join(' ')
    .trim()
  return reason === '' ? {} : { reason }
}

function readStart(word: 'run' | 'plan', [playbook, ...pairs]: readonly Token[]): Command | Misread {
  if (playbook === undefined) return { word: 'menu' }
  if (playbook.equals !== undefined) {
    return misread('The playbook comes before its inputs.', `Type “${usages[word]}”; “playbooks” lists them.`)
  }
  const inputs: Record<string, string> = {}
  for (const pair of pairs) {
    const fault = addInput(inputs, pair)
    if (fault !== undefined) return fault
  }
  return { word, playbook: playbook.text, inputs }
}

function addInput(inputs: Record<string, string>, { text, equals }: Token): Misread | undefined {
  const name = text.slice(0, equals ?? 0)
  if (equals === undefined || !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
    return misread(
      `“${clip(text)}” is not of the form key=value.`,
      'Write key=value without blanks around =, and quote values with blanks: key="a b".',
    )
  }
  if (Object.hasOwn(inputs, name))
    return misread(`“${clip(name)}” is given twice.`, 'Give each input once; write a list as a,b,c.')
  inputs[name] = text.slice(equals + 1)
  return undefined
}

function misread(message: string, remedy: string): Misread {
  return { word: 'misread', message, remedy }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text
}

/**
 * One token: perhaps `key=`, perhaps a quoted part, then the rest up to a blank. Phones turn quotes into typographic
 * ones, so both kinds count; an apostrophe inside a word is a letter.
 */
const token =
  /\s*(?<key>[^\s="'“”„‘’]*=)?(?:"(?<a>[^"]*)"|'(?<b>[^']*)'|[“”„](?<c>[^“”]*)[“”]|[‘’](?<d>[^‘’]*)[‘’])?(?<rest>\S*)/uy

/** Slack escapes `& < >` in the text of a command; that is undone first. Undefined: a quote was left open. */
function tokenize(escaped: string): readonly Token[] | undefined {
  const text = escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trimEnd()
  const tokens: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const read = readToken(token.exec(text)?.groups ?? {})
    if (read === undefined) return undefined
    tokens.push(read)
  }
  return tokens
}

function readToken(groups: { readonly [name: string]: string | undefined }): Token | undefined {
  const { key = '', rest = '' } = groups
  const quoted = [groups['a'], groups['b'], groups['c'], groups['d']].find((part) => part !== undefined)
  if (quoted === undefined && /^["'“”„‘’]/u.test(rest)) return undefined
  const text = `${key}${quoted ?? ''}${rest}`
  return key === '' ? { text } : { text, equals: key.length - 1 }
}
