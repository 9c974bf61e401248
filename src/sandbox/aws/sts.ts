import { z } from 'zod'
import { operationsOf } from './operation.ts'
import { userArn } from './state.ts'

const operation = operationsOf('sts', () => 'ValidationError')

export const stsOperations = {
  GetCallerIdentity: operation('GetCallerIdentity', {
    input: z.strictObject({}),
    run: (_input, { world: { state }, caller }) => {
      const user = state.users.get(caller.userName)
      return {
        UserId: user?.userId,
        Account: state.account,
        Arn: user === undefined ? undefined : userArn(state, user),
      }
    },
  }),
}
