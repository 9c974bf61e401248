import { describe, expectTypeOf, it } from 'vitest'
import type { decide } from '../../src/alerts/route.ts'
import type { Config } from '../../src/config/config.ts'
import type { Authority } from '../../src/policy/authority.ts'
import type { ruleBook } from '../../src/policy/rules.ts'
import type { neverTouch } from '../../src/policy/never-touch.ts'
import type { guardBook } from '../../src/policy/ruling.ts'

describe('the configuration fits the parts that use it, which do not know it', () => {
  it('as authority, guardrails and routes', () => {
    expectTypeOf<Config>().toExtend<Pick<Authority, 'people' | 'permissions'>>()
    expectTypeOf<Config['rules']>().toExtend<Parameters<typeof ruleBook>[0]>()
    expectTypeOf<Config['guardrails']['neverTouch']>().toExtend<Parameters<typeof neverTouch>[1]['rules']>()
    expectTypeOf<Config['guardrails']>().toExtend<Parameters<typeof guardBook>[0]>()
    expectTypeOf<Config['alerts']['routes']>().toExtend<Parameters<typeof decide>[1]>()
  })
})
