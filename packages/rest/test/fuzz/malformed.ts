import { z } from 'zod'
import type { OperationContract } from '../../src/contract/operation.ts'

/** A request that is wrong in at least one way, and says in which. */
export interface MalformedRequest {
  readonly wrong: string
  readonly method: string
  readonly path: string
  readonly type: string
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
  readonly headers?: Readonly<Record<string, string>>
}

type Random = () => number
type Field = {
  readonly type?: unknown
  readonly anyOf?: readonly Field[]
  readonly items?: Field
  readonly enum?: readonly unknown[]
}
type Shape = { readonly properties?: Readonly<Record<string, Field>>; readonly required?: readonly string[] }

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

/** No number of a resource, whatever there is. */
const noKeys = [-1, 0, 1.5, 2 ** 53, 2 ** 31, 1e300, '', 'NaN', '١', '0x1', ' 1 ', '1e1', 'null', true, [1], { a: 1 }]
const noNumbers = [-1, 1.5, 1e300, 2 ** 60, 'many', '', 'Infinity', '1,5', true, [1], { a: 1 }]
const noBooleans = ['yes', 'TRUE', '', 2, -1, 'null', [true], { a: 1 }]
const noTexts = ['a\u0000b', '\u0007', 'x'.repeat(70_000), { toString: 1 }, [['a']]] as const
const noSizes = ['-1GB', '0', '0GB', '1 parsec', 'GB', '1e309MB', '99999999999999999TB', '', 'NaN', '1GB\u0000', [1], {}]
/** By what a field is called, where its type alone does not tell what is wrong. */
const byName: Readonly<Record<string, readonly unknown[]>> = {
  ram: noSizes,
  disc: noSizes,
  memorylimit: noSizes,
  disclimit: noSizes,
  cidr: ['10.0.0.0/99', '999.1.1.1/8', '10.0.0.1', '::1/129', '10.0.0.0/-1', 'lan', '10.0.0.0/8/8'],
  ipreservation: ['11.0.0.0/24', '10.0.0.9-10.0.0.1', 'a-b', '10.0.0.0/99', '10.0.0.5-::1'],
  ip: ['999.1.1.1', '10.0.0', '::g', '10.0.0.1/24', '0x7f.1'],
  mac: ['00:00', 'zz:zz:zz:zz:zz:zz', 'ff:ff:ff:ff:ff:ff:ff'],
  url: ['', 'x'.repeat(5000), '\u0000'],
  installtimeout: ['soon', '-5m', -1, '1e400', ''],
}

/**
 * Requests that must be refused, one after the other, from a seed: each starts from what the contract asks for and spoils it
 * in one way. Path parameters name nothing that there is, so that what slips through changes nothing either.
 */
export function* malformedRequests(
  operations: readonly OperationContract[],
  random: Random,
): Generator<MalformedRequest, never> {
  for (;;) {
    const operation = pick(random, operations)
    yield operation.body ? wrongBody(operation, operation.body, random) : wrongAddress(operation, random)
  }
}

function wrongAddress(operation: OperationContract, random: Random): MalformedRequest {
  const at = (path: string, wrong: string): MalformedRequest => ({
    wrong,
    method: operation.method,
    path,
    type: form,
    body: undefined,
  })
  const path = filled(operation, random)
  const kinds = [
    () => at(`${path}?color=red`, 'an unknown parameter'),
    () => at(`${path}?%ff=1`, 'a name that is not UTF-8'),
    () => at(`${path}?a=%zz`, 'broken percent-encoding'),
    () => at(`${path}?__proto__=1`, '__proto__'),
    () => at(`${path}?__proto__[admin]=1`, '__proto__ with a member'),
    () => at(`${path}/${'x'.repeat(3000)}`, 'a path that goes on'),
    () => at(`${path}%00`, 'NUL in the path'),
    () => at(`${path}/%2e%2e/%2e%2e/nothing`, 'dots in the path'),
  ]
  return pick(random, kinds)()
}

function wrongBody(operation: OperationContract, schema: z.ZodObject, random: Random): MalformedRequest {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
  const fields = shape.properties ?? {}
  const names = Object.keys(fields)
  const good: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, fitting(fields[name]!, random)]))
  const of = (wrong: string, type: string, body: MalformedRequest['body']): MalformedRequest => ({
    wrong,
    method: operation.method,
    path: filled(operation, random),
    type,
    body,
  })
  const encode = random() < 0.5 ? encodeJson : encodeForm
  const type = encode === encodeJson ? json : form
  const spoilt = (name: string, value: unknown): MalformedRequest => {
    // A form has texts only: what is no text is spoilt as JSON.
    const asForm = encode === encodeForm && typeof value !== 'object'
    const spoiltFields = { ...good, [name]: value }
    return of(
      `${name} is ${String(JSON.stringify(value)).slice(0, 60)}`,
      asForm ? form : json,
      asForm ? encodeForm(spoiltFields) : encodeJson(spoiltFields),
    )
  }
  const kinds: (() => MalformedRequest)[] = [
    () => of('an unknown field', type, encode({ ...good, color: 'red' })),
    () => of('broken JSON', json, `${encodeJson(good)}}`),
    () => of('half of a JSON', json, encodeJson({ ...good, z: 1 }).slice(0, -3)),
    () => of('JSON that is no object', json, pick(random, ['null', '17', '"a"', '[]', '[{}]', 'true'])),
    () => of('deep JSON', json, '['.repeat(20_000)),
    () => of('__proto__ in JSON', json, `{"__proto__":{"admin":true},${encodeJson(good).slice(1)}`),
    () => of('constructor in JSON', json, encodeJson({ ...good, constructor: { prototype: { admin: true } } })),
    () => of('broken percent-encoding', form, `${encodeForm(good)}&a=%zz`),
    () => of('__proto__ in a form', form, `${encodeForm(good)}&__proto__[admin]=true`),
    () => of('bytes that are no UTF-8', type, new Uint8Array([0x61, 0x3d, 0xff, 0xfe, 0x80])),
    () => of('another kind of body', 'text/xml', '<a/>'),
  ]
  if (names.length > 0) {
    const name = pick(random, names)
    const field = fields[name]!
    for (let weight = 0; weight < 3; weight += 1) kinds.push(() => spoilt(name, wrongValue(name, field, random)))
    if (typeOf(field) !== 'array') kinds.push(() => of(`${name} twice`, form, `${encodeForm(good)}&${name}=1&${name}=2`))
    else
      kinds.push(() =>
        of(`${name} has holes`, form, `${encodeForm({ ...good, [name]: undefined })}&${name}[0]=1&${name}[7]=2`),
      )
    if (shape.required?.includes(name))
      kinds.push(() => of(`${name} is missing`, type, encode({ ...good, [name]: undefined })))
  }
  return pick(random, kinds)()
}

function wrongValue(name: string, field: Field, random: Random): unknown {
  const ofName = byName[name]
  if (ofName && random() < 0.7) return pick(random, ofName)
  const type = typeOf(field)
  if (type === 'integer' || type === 'number')
    return pick(random, name.endsWith('key') || name === 'owner' ? noKeys : noNumbers)
  if (type === 'boolean') return pick(random, noBooleans)
  if (type === 'array') return pick(random, ['', { length: 1 }, [null], [[1]], [{ a: 1 }], ['a\u0000b'], [-1.5]] as const)
  return pick(random, noTexts)
}

function typeOf(field: Field): string {
  return typeof field.type === 'string' ? field.type : field.anyOf ? 'union' : 'string'
}

function fitting(field: Field, random: Random): unknown {
  if (field.enum) return pick(random, field.enum)
  const type = typeOf(field)
  if (type === 'integer' || type === 'number') return 1
  if (type === 'boolean') return random() < 0.5
  if (type === 'array') return field.items ? [fitting(field.items, random)] : []
  return type === 'union' ? '1GB' : 'text'
}

const filled = ({ path }: OperationContract, random: Random): string =>
  path.replaceAll(/:\w+/g, () => String(2_000_000_000 + Math.floor(random() * 1000)))

const encodeJson = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify(fields)

function encodeForm(fields: Readonly<Record<string, unknown>>): string {
  const result = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((each, index) => result.append(`${name}[${index}]`, String(each)))
    else if (value !== undefined) result.append(name, String(value))
  }
  return result.toString()
}
