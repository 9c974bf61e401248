import { didYouMean } from '../expr/index.ts'
import type { Use } from './checked.ts'
import type { StepText } from './document.ts'
import { own } from './own.ts'
import { isClosing } from './scope.ts'
import { stepsIn, type Checking } from './step-parts.ts'

/** The steps that must be over before this one: by reference, or by `after`. */
export function needsOf(checking: Checking, text: StepText, uses: readonly Use[]): string[] {
  const { document, id } = checking
  text.after.forEach((other, at) => checkAfter(checking, { text, other, at }))
  for (const use of uses) refuseItself(checking, use)
  const named = [...stepsIn(uses.map(({ reference }) => reference)), ...text.after]
  return [...new Set(named)].filter((other) => other !== id && isBefore(document.steps, other, text))
}

/** An edge that is refused would only make a circle of it, too. */
function isBefore(steps: { readonly [id: string]: StepText }, other: string, text: StepText): boolean {
  const found = own(steps, other)
  return found !== undefined && (!isClosing(found) || isClosing(text))
}

type Entry = { readonly text: StepText; readonly other: string; readonly at: number }

function checkAfter({ document, faults, taint, id }: Checking, { text, other, at }: Entry): void {
  const path = ['steps', id, 'after', at]
  const found = own(document.steps, other)
  if (other === id) return faults.at(path, waitsForItself(id))
  if (found === undefined && !taint.hasStep(other)) {
    const others = Object.keys(document.steps).filter((name) => name !== id)
    faults.at(path, {
      code: 'playbook.unknown-step',
      message: `there is no step ${other}`,
      remedy: `${didYouMean(other, others)}The other steps are: ${others.slice(0, 20).join(', ') || 'none'}.`,
    })
  }
  if (found === undefined || !isClosing(found) || isClosing(text)) return
  faults.at(path, {
    code: 'playbook.closing',
    message: `${other} runs at the end of the run, so ${id} cannot come after it`,
    remedy: `Remove ${other} from after.`,
  })
}

function refuseItself({ faults, id }: Checking, { path, reference }: Use): void {
  const [root, step] = reference.path
  if (root === 'steps' && step === id) faults.at(path, waitsForItself(id), reference.start)
}

function waitsForItself(id: string) {
  return {
    code: 'playbook.cycle',
    message: `${id} waits for itself: ${id} → ${id}`,
    remedy: 'Name another step.',
  } as const
}
