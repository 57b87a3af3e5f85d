import { z } from 'zod'

/** The parameters that every list takes, beside the fields that it is filtered by. */
const pageParameters = {
  limit: z.int().min(1).max(1000).optional().meta({ description: 'at most so many; left out: all' }),
  after: z
    .string()
    .max(4000)
    .optional()
    .meta({ description: 'where the page before ended: taken from its `Link: …; rel="next"`' }),
}

type FilterOf<T extends z.ZodType> =
  T extends z.ZodOptional<infer Inner extends z.ZodType>
    ? FilterOf<Inner>
    : T extends z.ZodEnum
      ? T
      : T extends z.ZodNumber
        ? z.ZodNumber
        : T extends z.ZodBoolean
          ? z.ZodBoolean
          : z.ZodString

/** The query of a list of `Item`s: `limit`, `after`, `sort`, and the fields that it is filtered by. */
export type ListQuery<Item extends z.ZodObject, Field extends keyof Item['shape'] = keyof Item['shape']> = z.ZodObject<
  { [Name in Field]: z.ZodOptional<FilterOf<Item['shape'][Name]>> } & typeof pageParameters & {
      sort: z.ZodOptional<z.ZodString>
    },
  z.core.$strict
>

/**
 * What a list may be asked for: pages (`limit`, `after`), an order (`sort=name,-key`), and only those that have a value in a field
 * (`owner=3`). Without a choice of `fields`, all those of the item that hold one text, number, boolean or choice. Operations that answer
 * a list have it by themselves (`defineOperation`); they name it where only some fields can be asked for.
 *
 * Promises: a page goes on where the one before it ended, whatever was added or deleted meanwhile. Handlers that answer their whole
 * list need do nothing: the server filters, sorts and cuts. Those of long lists answer a `Page`.
 *
 * @example
 * ```ts
 * list: defineOperation({ method: 'GET', path: '/machines', query: listQuery(machine, ['name', 'owner']), result: z.array(machine), … })
 * ```
 */
export function listQuery<Item extends z.ZodObject, const Field extends keyof Item['shape'] & string>(
  item: Item,
  fields?: readonly Field[],
): ListQuery<Item, Field> {
  const shape: Record<string, z.ZodType> = {}
  for (const name of fields ?? Object.keys(item.shape)) {
    const filter = filterFor(item.shape[name] as z.ZodType)
    if (filter && !(name in pageParameters) && name !== 'sort')
      shape[name] = filter.optional().meta({ description: `only those whose ${name} is this, as it is printed` })
  }
  const names = Object.keys(shape)
  const each = `-?(${names.join('|')})`
  const sort = z
    .string()
    .max(400)
    .regex(new RegExp(`^${each}(,${each})*$`), `is no order: name one or more of ${names.join(', ')}, as in -${names[0]}`)
    .optional()
    .meta({ description: 'fields to sort by, the first first; a dash before one turns its order' })
  return z.strictObject({ ...shape, ...pageParameters, sort }) as unknown as ListQuery<Item, Field>
}

/** The fields that a list is filtered and sorted by; `undefined` for a query that is not one of a list. */
export function listFields(query: z.ZodObject | undefined): readonly string[] | undefined {
  const names = Object.keys(query?.shape ?? {})
  if (!['limit', 'after', 'sort'].every((name) => names.includes(name))) return undefined
  return names.filter((name) => name !== 'sort' && !(name in pageParameters))
}

function filterFor(field: z.ZodType): z.ZodType | undefined {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodNullable)
    return filterFor(field.unwrap() as z.ZodType)
  if (field instanceof z.ZodEnum) return field
  if (field instanceof z.ZodNumber) return z.number()
  if (field instanceof z.ZodBoolean) return z.boolean()
  if (field instanceof z.ZodString) return z.string().max(2048)
  return undefined
}
