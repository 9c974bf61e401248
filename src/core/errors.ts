/**
 * Every error a user can meet, by code. The value is the page that `firebreak explain CODE` prints: what it means,
 * why Firebreak refuses, what to do. Codes are stable; messages are not.
 */
export const errorPages = {
  'audit.bad-checkpoint':
    'The text is not a checkpoint of a log: origin, size and root, each on a line of its own, signed by the log under its own name. Take the checkpoint file unchanged, or another copy of it.',
  'audit.bad-export':
    'The folder is not a complete export of an audit log: a file is missing, damaged, or there are too few entries. Export again into an empty folder.',
  'audit.bad-key':
    'A key of the audit log is malformed: a verifier key reads NAME+ID+BASE64 on one line, a signing key is an Ed25519 key in PKCS #8 PEM. Take it again from where it was made; never edit it.',
  'audit.bad-note':
    'The text is not a signed note (c2sp.org/signed-note): a text, a blank line, signature lines. Usually a copy that an editor or a mail program has rewritten. Take the file itself.',
  'audit.bad-tree':
    'The stored state of the Merkle tree, or the numbers asked of it, do not fit together. Nothing may be appended to such a log: verify it, and restore it from a backup if that fails.',
  'audit.entry-too-large':
    'An entry of the audit log may carry 60 KiB of data. Larger evidence is stored apart and named by its hash.',
  'audit.export-exists':
    'An export is written into an empty or new folder only, so that files of two exports never mix. Name another folder.',
  'audit.key-exists':
    'A signing key is never overwritten: what it has signed could not be continued. Move the file away if a new log is really meant.',
  'audit.key-file':
    'The file of the signing key cannot be used: it is missing, no regular file, or readable by others. It must have mode 0600 or less (chmod 600).',
  'audit.wrong-signature':
    'No signature of a trusted key is under the text, or one is under it that does not verify. The text was changed, or the verifier key belongs to another log. Do not trust what it says.',
  'canonical.not-json':
    'A value that had to be digested or logged is not plain JSON (undefined, NaN, a function, a date, a class instance, a lone surrogate, nesting over 256 levels). It is refused, because what JSON drops in silence would not be covered by the digest. Convert it first.',
  'sandbox.slack-impossible':
    'A test or the demo asked the Slack stand-in for something no Slack client offers: an unknown person, a button that is not on the message, a dialog that is closed. Nothing was sent to the app. Look at its messages() and views() first.',
  'usage.bad-arguments': 'The command line was not understood. Run the command with --help.',
  'store.held':
    'Another process holds the state folder. A journal has one owner, so that no two programs act on the same run. Use a client command against the running bot, or stop it first.',
  'store.unavailable':
    'The journal could not be written. Firebreak acts only when the intent is durable, so nothing was done. Free disk space or mend the state folder, then try again.',
  'store.fenced':
    'Somebody else wrote to this run first. Whoever loses that race stops and reads again; nothing was written or done.',
  'store.already-seen':
    'This key was used before: an alert that came twice, or a signature that is good only once.',
  'store.newer':
    'The journal was written by a newer Firebreak. Its facts are never re-interpreted by an older one.',
  'guardrail.frozen':
    'A freeze is set: no step may change anything until a person thaws Firebreak. Plans and reads go on.',
  'guardrail.claimed': 'Another run holds this target. One target has one run at a time.',
  'guardrail.never-touch': 'The configuration says that this target is never touched.',
  'yaml.bad-value':
    'A value in a file cannot be taken as it stands: a whole number above 2^53, infinity, a key that is not a text, or a hidden control character. Such values mean one thing to the reader and another to the program. Quote it or write it out.',
  'yaml.documents': 'A file holds exactly one YAML document. Remove the separator, or split the file.',
  'yaml.duplicate-key':
    'The same key stands twice in one map. Readers of YAML disagree on which one counts, so neither is taken. Remove one.',
  'yaml.forbidden':
    'Anchors, aliases, merge keys, tags and directives are refused: a reviewer must see in a file what it means. Write the value out.',
  'yaml.syntax':
    'The file is not valid YAML 1.2. The place named is where reading failed; the mistake is there or on the line above.',
  'yaml.too-deep': 'The nesting of a file goes at most 64 levels deep.',
  'yaml.too-large': 'A file that people write holds at most 256 KiB.',
  'internal.unexpected':
    'Something happened that Firebreak did not foresee. Nothing more was done for this request. Please report it with the log line.',
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof errorPages

type Options = { readonly remedy: string; readonly cause?: unknown }

/** The one error class: a code from the closed set, the cause, and what the reader should do next. */
export class FirebreakError extends Error {
  readonly code: ErrorCode
  readonly remedy: string

  constructor(code: ErrorCode, message: string, { remedy, cause }: Options) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'FirebreakError'
    this.code = code
    this.remedy = remedy
  }
}

/** True for an error of this code (any code when none is given). */
export function isFirebreakError(error: unknown, code?: ErrorCode): error is FirebreakError {
  return error instanceof FirebreakError && (code === undefined || error.code === code)
}
