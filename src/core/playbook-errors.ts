/** The pages of what the checker of playbooks refuses: a part of `errorPages`. */
export const playbookErrorPages = {
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
  'playbook.long-timeout':
    'The timeout of the step is longer than that of the whole playbook, which ends the run first. One of the two is not what was meant. Lower the one or raise the other.',
  'playbook.retry':
    'Only a read and an effect can be tried again: of an effect its plan, and calls that provably changed nothing, never one of which it is not known. A wait, a message and a step that a person does by hand have nothing to repeat. Remove `retry`.',
  'playbook.ttl-without-effect':
    'A time to live says when an effect undoes itself, and this step changes nothing. Remove `ttl`, or give it to the step whose effect is meant.',
  'playbook.ttl-without-undo':
    'A time to live says when an effect undoes itself, and this one is never undone: it is irreversible, or the action refuses it for the reason (`because`) that the playbook has. A key that leaked is not switched on again because time has passed. Remove `ttl`; the effect stays.',
  'playbook.undo-forbidden':
    'The effect is to undo itself when its time is over (`onExpiry: undo`), and the action refuses that for the reason (`because`) that the playbook has. Remove `ttl` and `onExpiry`; the effect stays until a person changes it by hand.',
  'playbook.expiry-without-ttl':
    '`onExpiry` says what becomes of an effect when its `ttl` is over, and the step has no `ttl`: the effect stays for ever, although the file reads as if it did not. Add a ttl, or remove `onExpiry`.',
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
} as const satisfies Record<string, string>
