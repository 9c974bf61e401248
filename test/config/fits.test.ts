import { describe, expectTypeOf, it } from 'vitest'
import type { Route } from '../../src/alerts/route.ts'
import type { Config } from '../../src/config/config.ts'
import type { Authority } from '../../src/policy/authority.ts'
import type { NeverTouchRule } from '../../src/policy/never-touch.ts'

describe('the configuration fits the parts that use it, which do not know it', () => {
  it('as authority, guardrails and routes', () => {
    expectTypeOf<Config>().toExtend<Authority>()
    expectTypeOf<Config['guardrails']['neverTouch']>().toExtend<readonly NeverTouchRule[]>()
    expectTypeOf<Config['alerts']['routes']>().toExtend<readonly Route[]>()
  })
})
