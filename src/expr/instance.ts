import type { ObjectShape } from './shape.ts'

/** Stands for what can only be passed on whole: a secret, or JSON of no declared type. */
export class Opaque {
  readonly opaque = true
}

/** Makes the cel-js value of one field, when it is asked for. */
type FieldReader = (name: string) => unknown

export type InstanceClass = new (read: FieldReader) => object

const known = new Map<string, InstanceClass>()
/** Only so that a process that reads files for ever does not keep every class it has made. */
const MAX_KNOWN = 500

/**
 * One class for one set of fields and their types (`key`), whatever scope asks: making it costs more than checking an
 * expression. Within one scope different types have different classes, because cel-js knows a type by its class.
 */
export function instanceClass(key: string, names: readonly string[]): InstanceClass {
  const found = known.get(key)
  if (found) return found
  const made = makeClass(names)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(key, made)
  return made
}

/**
 * cel-js types an object by its class. The fields are getters, so that only what an expression reads is ever converted:
 * the outputs of steps that have not run are declared, but not there.
 */
function makeClass(names: readonly string[]): InstanceClass {
  class Instance {
    readonly #read: FieldReader

    constructor(read: FieldReader) {
      this.#read = read
    }

    static get(instance: Instance, name: string): unknown {
      return instance.#read(name)
    }
  }
  for (const name of names) {
    // cel-js finds the type of an object by its `constructor`.
    if (name === 'constructor') continue
    Object.defineProperty(Instance.prototype, name, {
      get(this: Instance) {
        return Instance.get(this, name)
      },
    })
  }
  return Instance
}

export type ClassOf = (shape: ObjectShape) => InstanceClass
