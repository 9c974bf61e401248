import type { PlaybookInfo, StepInfo } from '../core/playbook.ts'
import type { Document } from './document.ts'
import { own } from './own.ts'
import type { Step } from './playbook.ts'
import { endOf } from './timing.ts'

/** A checked playbook as surfaces see it. */
export function infoOf(
  document: Document,
  steps: readonly Step[],
  { file, digest }: { file: string; digest: string },
): PlaybookInfo {
  const { name, title, severity, because, covers, inputs } = document
  const described = steps.map((step): StepInfo => {
    const when = own(document.steps, step.id)?.when
    return {
      id: step.id,
      action: step.action.name,
      title: step.action.title,
      effect: step.action.effect,
      needs: step.needs,
      repeats: step.items !== undefined,
      ...(when === undefined ? {} : { when }),
      ...(step.approve ? { approve: step.approve } : {}),
      ...(step.retry ? { retry: step.retry } : {}),
      ...(step.ttlMs === undefined ? {} : { ttlMs: step.ttlMs }),
      ...(step.onExpiry === undefined ? {} : { onExpiry: step.onExpiry }),
    }
  })
  return {
    name,
    title,
    severity,
    because,
    covers,
    inputs,
    steps: described,
    ...endOf(document),
    digest,
    file,
  }
}
