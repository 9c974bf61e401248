/** Pages of `firebreak explain CODE`: who may do what, and what holds whatever a playbook says. */
export const authorityErrorPages = {
  'approval.expired':
    'The request was open for a limited time, and that is over. Silence is a refusal. Start the playbook again and approve its fresh plan.',
  'approval.missing-role':
    'A gate names the role whose persons decide, and this person does not have it. Ask somebody who does.',
  'approval.not-open':
    'The request is answered, voided or over. If the run still waits, it shows a newer request.',
  'approval.nothing-to-withdraw':
    'This person has given no approval to that request, so there is none to take back.',
  'approval.other-plan':
    'An approval binds to the plan that was shown, by its digest. This decision is about another plan. Read the plan as it is now and decide about that.',
  'approval.own-request':
    'Nobody approves what they asked for, whichever of their accounts they use. Ask another person.',
  'approval.too-late':
    'Everything that this approval covers has begun, so it can no longer be taken back. Cancel the run to stop the rest, or undo what it did.',
  'approval.twice': 'Approvals count persons. This person has already approved this request.',
  'authority.bad-signature':
    'The signature is not one that this Firebreak takes: another text, key kind, namespace or log, or too late.',
  'authority.bad-standing':
    'Only full members of the Slack workspace decide: no guests, nobody from another organisation, no deactivated accounts, no bots. This holds whatever the configuration says.',
  'authority.group-unknown':
    'The role comes from a Slack user group or an on-call schedule (PagerDuty, Opsgenie), and that system could not be asked within the last minute who is in it. Planning, freezing and cancelling go on by what was known up to ten minutes ago; running, approving and thawing wait, because somebody may have left the group or gone off call. Try again, or ask a person who has the role by name; `firebreak doctor` says what is wrong with the system.',
  'authority.missing-role':
    'The configuration says under permissions which roles may do this, and the person has none of them. The most specific rule that fits decides. Ask somebody who has the role, or have it granted; `firebreak policy explain` shows how it was decided.',
  'authority.route':
    'An alert acts with the authority of its route, and a rule of permissions lets nobody run a step of this playbook. Change the rule, or the playbook that the route names.',
  'authority.standing-unknown':
    'Slack could not be asked what this account is now, and an unknown account decides nothing. Try again, or decide on the command line with an SSH signature.',
  'authority.unknown-account':
    'The account is bound to no person of the configuration. Have its Slack member id or SSH key added under people, then restart Firebreak.',
  'guardrail.claimed': 'Another run holds this target. One target has one run at a time.',
  'guardrail.deadlock':
    'Two runs each hold a target that the other one needs, so that both would wait for ever. The step that closed the circle fails; its run ends and gives its targets back, and the other run goes on.',
  'guardrail.frozen':
    'A freeze is set: no step may change anything until a person thaws Firebreak. Plans and reads go on.',
  'guardrail.never-touch':
    'This target is never touched: the configuration says so, Firebreak itself lives on it (`firebreak doctor` shows all of that), or it lies in the system namespace of a cluster.',
  'guardrail.not-frozen':
    'The freeze that was to be lifted is not set any more, or another one was set since. Look at the one that is set now, and decide about that.',
  'guardrail.over':
    'A budget of the configuration has no room left: so many effects of this kind within a time, or in place at once. The step waits until there is room, or asks people, as the budget says; `firebreak guardrails` shows how much of each is taken up. Nothing is lost.',
  'guardrail.review-due':
    'In another run one person has acted alone (break-glass), and nobody has reviewed it yet. Until somebody else has, nobody acts alone again. Review that run: `firebreak review RUN`.',
  'guardrail.tripped':
    'A circuit breaker of the configuration is open: too many runs of this route, or effects on this provider, have failed or were undone lately. Until that is some time ago, people are asked before each effect. Find out why before you agree.',
  'guardrail.window':
    'The configuration sets this time aside: nothing of this kind is changed now. A window may make effects wait, ask people, or refuse them, as it says.',
  'review.not-due': 'In this run nobody has acted alone, or it has been reviewed already.',
  'review.own': 'Who acted alone, or asked for the run, does not review it. Ask somebody else who may.',
  'review.reason-missing':
    'Acting alone needs a reason in words, of at least ten characters: it is what everybody is told, and what the review is about.',
} as const
