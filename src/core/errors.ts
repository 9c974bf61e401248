import { authorityErrorPages } from './authority-errors.ts'
import { playbookErrorPages } from './playbook-errors.ts'

/**
 * Every error a user can meet, by code. The value is the page that `firebreak explain CODE` prints: what it means,
 * why Firebreak refuses, what to do. Codes are stable; messages are not.
 */
export const errorPages = {
  'api.bad-answer':
    'The running bot answered something that this command does not understand. Usually the two are of different versions: use the same version for both.',
  'api.bad-request':
    'The request is not what this address takes: no JSON, an unknown or missing key, or a wrong type. Nothing was started. The message names the place.',
  'api.listen':
    'The HTTP port cannot be opened: another program has it, the address is not one of this machine, or the port needs more rights. Change "http" in firebreak.yaml, or stop the other program.',
  'api.method': 'The address exists, but takes another HTTP method. The Allow header of the answer names it.',
  'api.not-found': 'Nothing has this address. Check the path.',
  'api.not-running':
    'No bot answers on the control socket, so there is nothing to ask. Start one with "firebreak serve", or name the state folder of the running one with --state or FIREBREAK_STATE.',
  'api.socket':
    'The control socket cannot be opened at its path: another bot answers there, something that is no socket lies there, the path is longer than a Unix socket allows (107 bytes), or the folder is missing or not writable.',
  'api.stopped':
    'The connection to the bot ended before the run did. The run is safe in the journal: it goes on while the bot runs, or when it starts again. Look with "firebreak runs show ID".',
  'api.too-large':
    'A request body holds at most 1 MiB. Nothing of it was read. Let the sender group fewer alerts into one message.',
  'audit.bad-checkpoint':
    'The text is not a checkpoint of a log: origin, size and root, each on a line of its own, signed by the log under its own name. Take the checkpoint file unchanged, or another copy of it.',
  'audit.bad-export':
    'The folder is not a complete export of an audit log: a file is missing, damaged, or there are too few entries. Export again into an empty folder.',
  'audit.bad-file':
    'A file that the audit log is copied to is not a regular file. Lines are only ever appended to one: name a path where nothing lies yet, or a file.',
  'audit.bad-key':
    'A key of the audit log is malformed: a verifier key reads NAME+ID+BASE64 on one line, a signing key is an Ed25519 key in PKCS #8 PEM. Take it again from where it was made; never edit it.',
  'audit.bad-note':
    'The text is not a signed note (c2sp.org/signed-note): a text, a blank line, signature lines. Usually a copy that an editor or a mail program has rewritten. Take the file itself.',
  'audit.bad-proof':
    'The text is not a proof: neither c2sp.org/tlog-proof (an entry is in the log) nor an old size with hashes and a checkpoint (the log only grew). Take the file as it was made.',
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
  'audit.no-key':
    'Several processes share a journal on PostgreSQL, and so its signing key, which must therefore be made by a person. Run "firebreak audit init" once, and bring the file log.key to the state folder of each process.',
  'audit.not-extended':
    'The log does not extend the earlier checkpoint: it was rewritten or forked after that was signed, or the checkpoint is of another log. Keep both checkpoints, and ask how it came to be.',
  'audit.no-anchor':
    'A place where checkpoints of the log are kept cannot be asked, because what it is part of is not connected, or refuses. The log is compared with it as soon as it is.',
  'audit.rotation-none':
    'Nothing can be ended: only one key signs for this log. Rotate it first with `firebreak audit rotate-key`.',
  'audit.rotation-open':
    'An earlier rotation of the signing key is in its overlap: two keys sign every checkpoint. End it with `firebreak audit rotate-key --end` once every auditor has the newer key, then rotate again.',
  'audit.other-key':
    'The signing key in the state folder is not the one that signs this log: it belongs to another log, or was replaced since by a rotation. Checkpoints by it would be worth nothing. Bring this process the file log.key of the others.',
  'audit.wrong-signature':
    'No signature of a trusted key is under the text, or one is under it that does not verify. The text was changed, or the verifier key belongs to another log. Do not trust what it says.',
  'alert.too-large':
    'The body of an alert webhook holds at most 1 MiB and 2,000 alerts. Group fewer alerts into one message (group_by, max_alerts).',
  'alert.unreadable':
    'The body of the webhook is not what this source sends: no JSON, nested too deeply, or without alerts and labels. Nothing was started. The body is recorded by its hash.',
  'alert.unauthorised':
    'The sender of this webhook did not show the token of its source. Send `Authorization: Bearer TOKEN`; in Alertmanager that is http_config.authorization.credentials_file.',
  'alert.unknown-source':
    'No source of this name is configured. Add it under alerts.sources, with its token, or correct the address of the webhook.',
  'canonical.not-json':
    'A value that had to be digested or logged is not plain JSON (undefined, NaN, a function, a date, a class instance, a lone surrogate, nesting over 256 levels). It is refused, because what JSON drops in silence would not be covered by the digest. Convert it first.',
  'config.ambiguous':
    'Two rules of permissions fit the same request, and neither is more specific than the other, so that nobody could say which one decides. A rule is more specific when it names an instance, then an environment, an effect, the playbook (its exact name, then the pattern that fixes more characters), because, severity. Let one name more, or both less.',
  'config.bad-key':
    'An entry of sshKeys is not a usable SSH public key: ed25519, ecdsa, RSA of 2048 bits or more, or a FIDO key, as one line of authorized_keys without options.',
  'config.bad-value':
    'A value of firebreak.yaml, or of a table for `policy test`, does not fit its schema. The message names the place and what fits.',
  'config.duplicate':
    'Two entries of firebreak.yaml claim the same thing, such as two persons with one key. An approval must name one person, so this is refused.',
  'config.literal-secret':
    'A secret stands in firebreak.yaml. Files are copied, committed and shown; write a reference, { env: NAME } or { file: PATH }, and change the secret, because it has been written down.',
  'config.missing-secret':
    'A reference to a secret leads nowhere: the environment variable is not set, or the file is missing, empty or too large.',
  'config.unknown-key':
    'firebreak.yaml, or a table for `policy test`, has a key that Firebreak does not know. Usually a slip of the pen; unknown keys are never ignored.',
  'config.unknown-name': 'A name in firebreak.yaml refers to something that the file does not define.',
  'config.unreadable':
    'The configuration file cannot be read. Name another with --config, or mend its permissions.',
  'cli.changed':
    'What the bot wants signed is not what was shown: the plan has changed, or the text is about something else. Nothing was signed. Read the new plan and decide again.',
  'cli.not-confirmed': 'The question was answered with no, so nothing was signed or sent.',
  'cli.nothing-to-decide':
    'The run waits for no decision: it is over, or goes on by itself. Look with "firebreak runs show ID".',
  'cli.sign':
    'ssh-keygen could not sign. It must be installed (OpenSSH 8.2 or later), and the key must exist and be unlocked, be in the agent, or be a FIDO key that was touched. Name another with --key.',
  'containment.bad-time':
    'A containment is renewed for at least 1 minute and at most 90 days, as the ttl of a step may be.',
  'containment.being-lifted':
    'A run is under way that puts this containment back, so nothing else is decided about it. Let that run end, or cancel it.',
  'containment.not-live':
    'No effect of this run and step is in place for a time: the step has no ttl or has not succeeded, or the containment was lifted or is kept for good. List those that are live with "firebreak containments".',
  'containment.not-longer':
    'A containment is renewed to a later end than it has. To end it earlier, lift it.',
  'containment.other-plan':
    'At the end of its time a containment undoes itself only to exactly what the effect had found, and only from exactly what it had left: that is what the approval of the step covers. Something is different now, so it stays, and people are asked. Look at it; then lift it (that undo is planned, shown and approved), put it back by hand, or keep it.',
  'kubernetes.bad-access':
    'The way to the cluster is not usable as configured: the kubeconfig cannot be read or has no such context, or inCluster is set outside a pod. Correct the entry under providers.kubernetes.',
  'sandbox.slack-impossible':
    'A test or the demo asked the Slack stand-in for something no Slack client offers: an unknown person, a button that is not on the message, a dialog that is closed. Nothing was sent to the app. Look at its messages() and views() first.',
  'outbound.refused':
    'The address is link-local or one of the metadata services that give out the credentials of the machine. Firebreak never sends anything there, whichever name leads to it. Name another host.',
  'undo.changed':
    'Somebody or something has changed the target since the effect that is to be put back. What they did is not undone unseen: the undo of this step is left out. Look at what is there now, and change it by hand if it should be as it was before.',
  'usage.bad-arguments': 'The command line was not understood. Run the command with --help.',
  'usage.output':
    'The file named with -o cannot be written: its folder is missing, or the rights or the space are. Nothing else was changed.',
  'usage.node-version':
    'Firebreak needs Node 24.15 or newer, for its database and because it runs TypeScript as it is. In a checkout, "npm run -s firebreak -- COMMAND" uses the Node that npm ci has installed.',
  'provider.denied':
    'The provider refused the call for lack of permission. deploy/kubernetes/rbac.yaml and deploy/aws/policy.json hold what the actions need.',
  'provider.not-found':
    'The provider has no such thing: it was deleted, or the name or the account is another.',
  'provider.conflict':
    'The thing changed between reading and writing, so the conditional write was refused and nothing happened. Firebreak plans again by itself; this code is seen when that happened too often.',
  'provider.invalid': 'The provider refused the request as invalid; nothing happened.',
  'provider.throttled': 'The provider asks for fewer requests. Try again in a minute.',
  'provider.timeout':
    'The provider did not answer in time. The effect may have happened or may come late: the probe decides, never a repeat.',
  'provider.unavailable':
    'The provider could not be reached or failed by itself. Check the network and its status page.',
  'provider.refused':
    'The action refuses to start in the state it found, because acting would do harm or no good.',
  'provider.not-configured': 'The configuration names no such provider instance. Add it under `providers:`.',
  'input.missing': 'The playbook asks for this input and gives it no default. Name it: `-i name=value`.',
  'input.unknown': 'The playbook has no input of this name. The message lists those that it has.',
  'input.wrong-value': 'The value does not fit the declared type of the input.',
  ...authorityErrorPages,
  ...playbookErrorPages,
  'run.unknown': 'There is no run with this id. `firebreak runs` lists them.',
  'run.not-over': 'The run is still going on. What it does can be put back once it has ended.',
  'run.over': 'The run has ended, so there is nothing left to decide, cancel or stop.',
  'run.forgotten':
    'The run is older than `audit.retention` keeps bodies: what it did is deleted, and what is left of each of its entries are the leaf and its hash, which still prove when it was written and that it is part of the log. An export made before then, or a sink, has the rest.',
  'run.held':
    'A legal hold is set on a run once, and released once. The run shows whether it is held, by whom and why.',
  'run.not-parked': 'Only a parked run is taken on by a person. Others go on by themselves, or have ended.',
  'run.nothing-to-undo':
    'No step of the run can be put back: nothing was changed, or each effect says why it has no inverse.',
  'run.poison':
    'The run was taken up again and again by a process after another one had ended in the middle of it, and nothing came of it. It may be what ends them, so nothing more of it is tried. See the log of the processes; then resume the run, or cancel it.',
  'run.timeout':
    'The `timeout` of the playbook was over before its main part was. What was under way has ended, nothing more of it began, and the closing steps have run.',
  'run.too-early':
    'The call whose end is not known could still land, so nobody can say yet that it did nothing. Look once more at the time that the message names.',
  'run.too-many-failures':
    'More items of a step failed than its `maxFailures` allows, so no further one was started.',
  'run.break-glass':
    'While PostgreSQL was gone people acted with `serve --break-glass`, and this run rested. What it planned may be done, undone or wrong by now. Read the break-glass log, then resume the run, or cancel it.',
  'run.protocol':
    'Replicas of different versions share the journal, and this run belongs to those of another one: how they carry it forward has changed in between. It is left to them; nothing is added to it here.',
  'run.contract':
    'The run was started with an action that this program no longer has in the same meaning. It is never re-interpreted.',
  'slack.bad-token':
    'Slack does not accept one of the two tokens. The bot token begins with xoxb-, the app token with xapp- and needs connections:write. Nothing was sent.',
  'step.already-said':
    'Somebody has said that this step is done, and Firebreak is looking whether it is. If it is not, the step asks again.',
  'step.bad-input': 'A value does not fit the input of the action.',
  'step.bad-output': 'An action returned something else than it declares. That is a fault of the action.',
  'step.missing-role':
    'A step that is done by hand names the role whose persons may say that it is done, and this person does not have it. Ask somebody who does.',
  'step.not-asked':
    'No person is asked about this step now: it has not begun, is over, or is not one that people do by hand.',
  'step.not-done':
    'A person was asked to do this step by hand, and within its timeout it was not seen to be done. Saying so is not enough: the `confirm` of the step must see it.',
  'step.no-effect':
    'The provider answered that it did as asked, but after the settle time a probe still finds the effect absent. Done means that a probe says so.',
  'step.changed':
    'The effect is not in place because somebody or something has changed the target since, such as an autoscaler.',
  'step.not-in-doubt':
    'A person answers for effects of which it is not known whether they happened, and this step is not one of them.',
  'step.in-doubt':
    'It is not known whether the effect happened: the process ended between intent and outcome, and the probe could not settle it. A person must look.',
  'store.held':
    'Another process holds the state folder. A journal has one owner, so that no two programs act on the same run. Use a client command against the running bot, or stop it first.',
  'store.same-replica':
    'Each process that shares a journal has a name of its own, by which the others know that it lives. Another one with this name is still there, or is just being taken over. Give this one another name, or wait until the other has ended.',
  'store.taken-over':
    'Another process has taken this run over, because this one was believed dead or hung. It writes nothing more for the run; the other one goes on from the journal. Nothing to do.',
  'store.unavailable':
    'The journal could not be written. Firebreak acts only when the intent is durable, so nothing was done. Free disk space or mend the state folder, or bring PostgreSQL back. With PostgreSQL work goes on by itself. It is also said when the connection broke during a commit and nobody could say in time whether it was made: the journal knows, and it is read again.',
  'store.unfit-server':
    'This PostgreSQL cannot keep a journal. Nothing is done before its intent is on disk, so a server that forgets what it has committed (fsync or synchronous_commit off) is refused; so is one before version 13, or a database whose encoding is not UTF8.',
  'store.clock-skew':
    'The clocks of this machine and of the PostgreSQL server are more than a second apart. Processes that share a journal tell from times whether the call of a dead one can still take effect, so a clock that is wrong is refused: the process ends, and starts again when the clock is right. Set up NTP.',
  'store.fenced':
    'Somebody else wrote to this run first. Whoever loses that race stops and reads again; nothing was written or done.',
  'store.already-seen':
    'This key was used before: an alert that came twice, or a signature that is good only once.',
  'store.moved':
    'The log was moved to another store with `firebreak store copy`, and goes on there. The old one stays as evidence: it can be read, verified and exported, and nothing is ever added. Set `store` or `state` to where the message says.',
  'store.unfinished':
    'A copy of a log into this store was begun and not finished. Half a log must not be taken for a log, so it is not opened. Run the same copy again, or delete this one: the source is whole.',
  'store.not-broken':
    'Break-glass is for when PostgreSQL cannot be reached: a bot beside the usual one would act on the same systems without knowing what that one does. It can be written to, so it is used.',
  'store.not-empty':
    'A log can only be copied into an empty store. Name a database without one, or a folder that does not exist yet.',
  'store.bad-copy':
    'What was to be copied does not fit its own hashes, or what arrived is not what was sent. The source is untouched, and the copy cannot be used.',
  'store.newer':
    'The journal was written by a newer Firebreak. Its facts are never re-interpreted by an older one.',
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
  'expr.bad-name':
    'A name was declared for expressions that the language cannot read: names match [a-z][a-zA-Z0-9_]* and are no word of CEL. Rename it.',
  'expr.bad-pattern':
    'The regular expression cannot be used. Firebreak matches with RE2, which takes time in proportion to the text and can never hang: no look-around, no back-references, at most 512 characters, no huge repetitions.',
  'expr.may-overflow':
    'The result of this arithmetic may not fit into a number. Firebreak computes the bounds of every number from its schema before anything runs. Give the inputs a minimum and a maximum, or bound a part with clamp(x, lowest, highest).',
  'expr.not-total':
    'The expression can fail when it runs: an index that is not there, a division by zero, a text that is no number. A playbook that loads must not fail for that, so it is refused now. The message says what to write instead, usually [?i] or .?field with .orValue(default).',
  'expr.secret':
    'A secret can be passed on whole, to a place that takes a secret, and nothing else: it is never joined to a text, compared or measured. Write the reference alone.',
  'expr.status-outside-when':
    'succeeded(), failed() and always() speak of the steps before this one, so they can be asked in `when` only.',
  'expr.syntax':
    'The expression is not valid CEL. Texts stand in quotes, fields follow a dot, ${{ is closed by }}.',
  'expr.too-large':
    'An expression has at most 2048 characters, 500 parts, and two of map, filter, all and exists inside each other; what is inside goes through a part of the item, or through at most 100 items, and its result has at most 4 MiB. So it always ends soon. Split it over two steps, or declare maxItems.',
  'expr.type':
    'The parts of the expression do not fit together: every value has a type, taken from the schema of the input or of the action that gives it. double(…), int(…) and string(…) convert.',
  'expr.unguarded':
    'The value may be absent or null, and the expression does not say what then. Write .?field.orValue(default), or has(x.field) ? x.field : default.',
  'expr.unknown-name':
    'The expression names a variable, a field or a function that does not exist. The message lists those that do.',
  'expr.unsupported-schema':
    'The schema of an action or an input uses something that has no type in expressions, such as a union of different types or a transform. Use texts, numbers, booleans, enums, arrays, objects, records.',
  'expr.wrong-value':
    'A value given to an expression is not of its declared type. Values are parsed before, so this is a fault of Firebreak: please report it.',
  'why.unknown':
    'There is no run, alert or approval of this name, and nothing that was refused names it. `why` takes the id of a run, the fingerprint or the name of an alert, the id of an approval request, the name of a playbook that was refused, or the number of an entry of the log.',
  'internal.unexpected':
    'Something happened that Firebreak did not foresee. Nothing more was done for this request. Please report it with the log line.',
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof errorPages

type Options = {
  readonly remedy: string
  readonly cause?: unknown
  /** How long whoever refused asks to wait before the next try. */
  readonly retryAfterMs?: number
}

/** The one error class: a code from the closed set, the cause, and what the reader should do next. */
export class FirebreakError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, { remedy, cause, retryAfterMs }: Options) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'FirebreakError'
    this.code = code
    this.remedy = remedy
    this.retryAfterMs = retryAfterMs
  }
}

/** True for an error of this code (any code when none is given). */
export function isFirebreakError(error: unknown, code?: ErrorCode): error is FirebreakError {
  return error instanceof FirebreakError && (code === undefined || error.code === code)
}
