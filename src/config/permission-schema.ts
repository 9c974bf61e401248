import { z } from 'zod'
import { Because } from '../core/because.ts'
import { type PermissionRule, ruleVerbs } from '../core/rules.ts'
import { Duration, filled, name } from './words.ts'

export const role = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a role is one lower-case word')
const roles = z.array(role).min(1)

const instance = z
  .string()
  .regex(/^[a-z]+\/[a-z][a-z0-9-]*$/, 'an instance is PROVIDER/NAME, such as kubernetes/production')

const Effect = z.enum(['read', 'notify', 'wait', 'manual', 'reversible', 'irreversible'])
const Severity = z.enum(['low', 'medium', 'high', 'critical'])

/** What rules and guardrails are about. */
export const aboutFields = {
  instances: z.array(instance).min(1).optional().describe('Instances of providers: kubernetes/production'),
  environments: z.array(name).min(1).optional().describe('Names under environments'),
  effects: z.array(Effect).min(1).optional().describe('Effects of steps'),
  playbooks: z.array(filled.max(120)).min(1).optional().describe('Names of playbooks, with * and ?'),
  because: z.array(Because).min(1).optional().describe('Why the playbook exists'),
  severities: z.array(Severity).min(1).optional().describe('Severity of the playbook'),
} satisfies { [K in keyof PermissionRule]?: z.ZodType }

/** One of them is named by every rule; a rule about everything belongs in the table. */
export const aboutKeys = Object.keys(aboutFields)

export const ApproveEntry = z.strictObject({
  from: role.describe('The role whose persons decide'),
  count: z.int().min(1).max(10).default(1).describe('How many distinct persons'),
  within: Duration.default('30m').describe('How long the request is open'),
})

const Rule = z.strictObject({
  name: name.describe('Name that answers refer to'),
  verbs: z.array(z.enum(ruleVerbs)).min(1).describe('What it is about: plan, run, approve, cancel, undo, …'),
  ...aboutFields,
  who: z.array(role).describe('Roles that may; empty: nobody'),
  routes: z.array(name).default([]).describe('Routes of alerts that may run it by themselves'),
  ask: z
    .strictObject({
      who: roles.describe('Roles that may run it if people agree first'),
      approve: ApproveEntry.describe('Who must agree'),
    })
    .optional()
    .describe('Who may run it only with the agreement of others'),
})

const defaultActors = ['responder', 'approver']

export const Permissions = z.strictObject({
  plan: roles.default(defaultActors).describe('Roles that may make a dry run'),
  run: roles.default(defaultActors).describe('Roles that may start a playbook'),
  cancel: roles.default(defaultActors).describe('Roles that may cancel or reject a run'),
  undo: roles.default(defaultActors).describe('Roles that may ask for an undo, or have a containment lifted'),
  resume: roles
    .default(['approver'])
    .describe('Roles that may take a parked run on, and say what became of an effect in doubt'),
  renew: roles.default(defaultActors).describe('Roles that may give a containment more time'),
  keep: roles.default(['approver']).describe('Roles that may keep a containment for good'),
  freeze: roles.default([...defaultActors, 'oncall']).describe('Roles that may stop every effect'),
  thaw: roles.default(['approver']).describe('Roles that may lift a freeze'),
  hold: roles.default(['approver']).describe('Roles that may set a legal hold on a run, or release it'),
  breakGlass: roles
    .default(['approver'])
    .describe('Roles that may act alone, with a reason, where the agreement of others is needed'),
  review: roles.default(['approver']).describe('Roles that may review that somebody else has acted alone'),
  rules: z
    .array(Rule)
    .max(2000)
    .default([])
    .describe(
      'What is only about some playbooks, effects or places: the most specific one that fits decides',
    ),
})

export const Environments = z
  .record(name, z.array(instance).min(1))
  .default({})
  .describe('Instances of providers by environment: { production: [kubernetes/gpu, aws/main] }')

export const Roles = z
  .record(
    role,
    z.strictObject({
      people: z.array(name).default([]).describe('Ids of people'),
      slackGroups: z
        .array(z.string().regex(/^S[A-Z0-9]{2,}$/, 'the id of a Slack user group, such as S012AB3CD'))
        .default([])
        .describe('Ids of Slack user groups whose members have the role'),
      schedules: z
        .array(
          z
            .string()
            .regex(
              /^(pagerduty\/[A-Z0-9]{4,}|opsgenie\/[0-9A-Za-z-]{8,})$/,
              'a schedule is SYSTEM/ID, such as pagerduty/PI7DH85 or opsgenie/ and an id',
            ),
        )
        .default([])
        .describe('Schedules: who is on call now by one of them has the role'),
    }),
  )
  .default({})
  .describe('Who has which role, besides what people says')

/** What a route may do by itself. */
export const RouteAuthority = z.strictObject({
  effects: z
    .array(z.enum(['reversible', 'irreversible']))
    .optional()
    .describe('Effects; all when absent'),
  environments: z.array(name).optional().describe('Environments; all when absent'),
  ask: ApproveEntry.optional().describe('Who must agree to the rest; one approver when absent'),
})
