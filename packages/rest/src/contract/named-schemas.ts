import type { JsonSchema } from './json-schema.ts'

/** Gives a name to every body and result, the same one to those that are the same: `CallbacksBody`, `CallbacksCreateResult`. */
export class NamedSchemas {
  readonly #uses = new Map<
    string,
    { schema: JsonSchema; resources: Set<string>; first: string; kind: string; count: number }
  >()
  #names: Map<string, string> | undefined

  /** Notes a use, before any name is asked for. */
  note(resource: string, operation: string, kind: 'Body' | 'Result', schema: JsonSchema): void {
    if (!hasProperties(schema)) return
    const text = JSON.stringify(schema)
    const use = this.#uses.get(text) ?? { schema, resources: new Set(), first: capital(operation), kind, count: 0 }
    use.resources.add(capital(resource))
    use.count++
    this.#uses.set(text, use)
    this.#names = undefined
  }

  /** A reference to what was noted, or the schema itself. */
  refer(schema: JsonSchema): JsonSchema {
    const name = this.#named().get(JSON.stringify(schema))
    return name === undefined ? schema : { $ref: `#/components/schemas/${name}` }
  }

  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#named()].map(([text, name]) => [name, this.#uses.get(text)!.schema]))
  }

  #named(): ReadonlyMap<string, string> {
    if (this.#names) return this.#names
    const taken = new Set<string>()
    this.#names = new Map()
    for (const [text, use] of this.#uses) {
      const [resource] = use.resources
      const words =
        use.resources.size > 1
          ? Object.keys(use.schema.properties!).map(capital).join('')
          : `${resource}${use.count > 1 ? '' : use.first}`
      let name = `${words}${use.kind}`
      for (let again = 2; taken.has(name); again++) name = `${words}${use.kind}${again}`
      taken.add(name)
      this.#names.set(text, name)
    }
    return this.#names
  }
}

const hasProperties = ({ properties = {} }: JsonSchema): boolean => Object.keys(properties).length > 0

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
