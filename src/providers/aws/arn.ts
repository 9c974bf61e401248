import { FirebreakError } from '../../core/errors.ts'

/** The twelve digits of the account that a thing is in. Without them nobody can say that it may be touched. */
export function accountOf(arn: string): string {
  const [, account] = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn) ?? []
  if (account !== undefined) return account
  throw new FirebreakError('provider.unavailable', 'AWS answered without an ARN that names the account', {
    remedy: 'Nothing was changed. Try again; if it stays so, look at the endpoint of this instance.',
  })
}

type Tags = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]

/** Tags as guardrails read them. */
export function labelsOf(tags: Tags = []): { readonly [tag: string]: string } {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
