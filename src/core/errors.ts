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
  'alert.too-large':
    'The body of an alert webhook holds at most 1 MiB and 2,000 alerts. Group fewer alerts into one message (group_by, max_alerts).',
  'alert.unreadable':
    'The body of the webhook is not what this source sends: no JSON, nested too deeply, or without alerts and labels. Nothing was started. The body is recorded by its hash.',
  'alert.unauthorised':
    'The sender of this webhook did not show the token of its source. Send `Authorization: Bearer TOKEN`; in Alertmanager that is http_config.authorization.credentials_file.',
  'alert.unknown-source':
    'No source of this name is configured. Add it under alerts.sources, with its token, or correct the address of the webhook.',
  'approval.expired':
    'The request was open for a limited time, and that is over. Silence is a refusal. Start the playbook again and approve its fresh plan.',
  'approval.missing-role':
    'A gate names the role whose persons decide, and this person does not have it. Ask somebody who does.',
  'approval.not-open':
    'The request is answered, voided or over. If the run still waits, it shows a newer request.',
  'approval.other-plan':
    'An approval binds to the plan that was shown, by its digest. This decision is about another plan. Read the plan as it is now and decide about that.',
  'approval.own-request':
    'Nobody approves what they asked for, whichever of their accounts they use. Ask another person.',
  'approval.twice': 'Approvals count persons. This person has already approved this request.',
  'authority.bad-signature':
    'The signature is not one that this Firebreak takes: another text, key kind, namespace or log, or too late.',
  'authority.bad-standing':
    'Only full members of the Slack workspace decide: no guests, nobody from another organisation, no deactivated accounts, no bots. This holds whatever the configuration says.',
  'authority.missing-role':
    'The configuration says under permissions which roles may do this, and the person has none of them. Ask somebody who has, or have the role granted.',
  'authority.standing-unknown':
    'Slack could not be asked what this account is now, and an unknown account decides nothing. Try again, or decide on the command line with an SSH signature.',
  'authority.unknown-account':
    'The account is bound to no person of the configuration. Have its Slack member id or SSH key added under people, then restart Firebreak.',
  'canonical.not-json':
    'A value that had to be digested or logged is not plain JSON (undefined, NaN, a function, a date, a class instance, a lone surrogate, nesting over 256 levels). It is refused, because what JSON drops in silence would not be covered by the digest. Convert it first.',
  'config.bad-key':
    'An entry of sshKeys is not a usable SSH public key: ed25519, ecdsa, RSA of 2048 bits or more, or a FIDO key, as one line of authorized_keys without options.',
  'config.bad-value':
    'A value of firebreak.yaml does not fit its schema. The message names the place and what fits.',
  'config.duplicate':
    'Two entries of firebreak.yaml claim the same thing, such as two persons with one key. An approval must name one person, so this is refused.',
  'config.literal-secret':
    'A secret stands in firebreak.yaml. Files are copied, committed and shown; write a reference, { env: NAME } or { file: PATH }, and change the secret, because it has been written down.',
  'config.missing-secret':
    'A reference to a secret leads nowhere: the environment variable is not set, or the file is missing, empty or too large.',
  'config.unknown-key':
    'firebreak.yaml has a key that Firebreak does not know. Usually a slip of the pen; unknown keys are never ignored.',
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
  'kubernetes.bad-access':
    'The way to the cluster is not usable as configured: the kubeconfig cannot be read or has no such context, or inCluster is set outside a pod. Correct the entry under providers.kubernetes.',
  'sandbox.slack-impossible':
    'A test or the demo asked the Slack stand-in for something no Slack client offers: an unknown person, a button that is not on the message, a dialog that is closed. Nothing was sent to the app. Look at its messages() and views() first.',
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
  'playbook.file': 'A playbook file could not be read.',
  'playbook.unknown-key':
    'A key that Firebreak does not know. Unknown keys are refused, because a misspelt guard that is ignored is worse than none.',
  'playbook.missing-key': 'A key that must be there is not.',
  'playbook.bad-value': 'A value has the wrong type or form for its key.',
  'playbook.bad-input':
    'The declaration of an input is not in the subset of JSON Schema that Firebreak takes.',
  'playbook.unknown-action': 'No action has this name. `firebreak actions` lists them.',
  'playbook.unknown-step': 'No step of this playbook has this name.',
  'playbook.cycle': 'Steps wait for each other in a circle, so none of them could ever begin.',
  'playbook.wrong-type': 'A value does not fit the input of the action that it goes to.',
  'playbook.missing-field':
    'The action needs an input that the step does not give. It would fail in the middle of an incident, so it is refused when the file is read. Add the input under `with`.',
  'playbook.unknown-field':
    'The step gives the action an input that it does not have. It is refused, not ignored: a misspelt optional input would silently do something else than was written. The message lists the inputs of the action.',
  'playbook.wrong-choice':
    'The input takes one of a few words, and this is none of them. The message lists them; case matters.',
  'playbook.secret':
    'A secret goes only where an input is declared secret, and whole. Anywhere else it would be shown: in the plan that people approve, in a message, in the log, which is kept. Pass on a name or an id of it, never the secret itself.',
  'playbook.not-a-list':
    '`forEach` does the step once for each item of a list, and this is no list. Name a list: an input of type array, or a list that a step returns. For one value leave `forEach` out.',
  'playbook.when-never':
    'The condition is never true, whatever the inputs are and whatever the steps return, so the step never runs. Usually two words are compared of which one is misspelt, or a bound is off by one. Correct the condition, or remove the step.',
  'playbook.when-always':
    'The condition is always true, so it guards nothing, but looks as if it did. Correct it, or remove it: without it the outputs of the step also need no guard.',
  'playbook.unreachable':
    'The step waits for a step that never runs, because that one has a condition that is never true. What it waits for never happens: it gets no output and no evidence from there. Correct the condition of the other step, or do not wait for it.',
  'playbook.same-target':
    'Two steps would change the same thing at the same time: they name the same target, and neither waits for the other. Which of them wins would be chance, and the plan that was approved would describe neither. Put one into the `after` of the other. Where this cannot be seen in the file, the claim on the target stops the second step when it runs.',
  'playbook.no-evidence':
    'After a leak, a compromise or an abuse, what an effect changes is often the only trace of what happened. So before every effect a step that reads from the same provider must have ended, on every path: not one that may be skipped, may fail unnoticed, or may be repeated zero times. Add a read and name it under `after`, or say why there is nothing to keep: `evidence: { waived: "reason" }`. The reason stays in the file, which is reviewed and kept with each run.',
  'playbook.needless-waiver':
    'The step waives evidence although nothing asks for it: it changes nothing, a read comes before it anyway, or the playbook answers no leak, compromise or abuse. A waiver without need hides the next one. Remove it.',
  'playbook.unused-input':
    'People are asked for this input, at night, and no step uses it. Use it or remove it.',
  'playbook.unused-read':
    'The step reads something that no other step uses and no effect waits for as evidence. It costs calls and time in an incident. Use what it returns, name it under `after` of the effect whose evidence it is, or remove it.',
  'playbook.unknown-role':
    'The step asks for approval by a role that firebreak.yaml does not know, so nobody could ever give it and the run would wait until the request expires. Correct the name, or give the role to somebody under people.',
  'playbook.approval-impossible':
    'More persons must approve than have the role. Silence is a refusal, so the run would always end there. Give the role to more people, or lower the count. Whoever starts the run never counts.',
  'playbook.unknown-instance':
    'The step names a cluster or account that firebreak.yaml does not configure, or names none where there are several and none is called default. Correct `using`, or add the instance under providers.',
  'playbook.short-timeout':
    'The timeout of the step is shorter than the time the action itself needs to be sure that its call has ended. It would be given up while the effect may still come. Raise it, or leave it out.',
  'playbook.file-name':
    'A playbook lies in a file of its own name, so that the name in an alert, in Slack or in the log leads to the file, and two can never have one name. Rename the file or the playbook.',
  'playbook.approval': 'A step that cannot be undone must ask for approval.',
  'playbook.closing':
    'A step whose `when` asks how the run went belongs to the end of the run: other steps cannot wait for it.',
  'playbook.confirm':
    'A step that a person does by hand (firebreak.manual) has a `confirm`, and no other step has one. It names an action that reads, and under `that` a condition over what it returns, `result`: done means that a probe says so, not that somebody says so.',
  'playbook.idle-key':
    'The key has no meaning for a step of this kind: what only waits, or is done by hand, needs no approval and has no cluster or account, and a wait has no timeout. A guard that is ignored is worse than none. Remove it.',
  'playbook.no-timeout':
    'A step that a person does by hand at the end of a run must end by itself some time, or the run might never be over: cancelling a run does not stop its closing steps. Give it a timeout.',
  'playbook.run':
    'A step that runs another playbook (firebreak.run) cannot be written like this. Its steps take the place of this one when the file is read, so the name is written out, what is asked for is given as single expressions, and keys that say how one step acts have no meaning. The message says what to write instead.',
  'playbook.recursion':
    'Playbooks run each other in a circle, so there would be no end of steps. The message shows the circle; remove one of the steps.',
  'playbook.inner-refused':
    'The playbook that this step runs has faults, so this one cannot be put together either. `firebreak lint` on the folder shows them, each in its own file.',
  'playbook.definition':
    'A playbook defined in TypeScript uses something that is no reference, or one name twice. `tsc` finds most of these.',
  'playbook.duplicate-name': 'Two playbooks have the same name.',
  'playbook.refused':
    'The playbook has faults and is not loaded. `firebreak lint` shows each with its place.',
  'playbook.unknown':
    'No playbook of this name is loaded. "firebreak playbooks" lists those that are; playbooks are read when the bot starts.',
  'run.unknown': 'There is no run with this id. `firebreak runs` lists them.',
  'run.not-over': 'The run is still going on. What it does can be put back once it has ended.',
  'run.over': 'The run has ended, so there is nothing left to decide, cancel or stop.',
  'run.nothing-to-undo':
    'No step of the run can be put back: nothing was changed, or each effect says why it has no inverse.',
  'run.too-many-failures':
    'More items of a step failed than its `maxFailures` allows, so no further one was started.',
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
  'step.in-doubt':
    'It is not known whether the effect happened: the process ended between intent and outcome, and the probe could not settle it. A person must look.',
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
