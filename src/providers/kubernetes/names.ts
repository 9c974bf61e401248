import { z } from 'zod'

/** RFC 1123 label, as namespaces are named. */
export const NamespaceName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
  .describe('Namespace')

/** RFC 1123 subdomain, as most objects are named. */
export const ObjectName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
