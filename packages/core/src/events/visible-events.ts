import { type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { orNone } from '../access/given.ts'
import type { Queries } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { type Visibility, wholeTypes } from './event-visibility.ts'

/** The subjects that groups see by what they are given now. What has gone is given to nobody. */
const subjectsOf = {
  network: (groups: RawBuilder<unknown>) =>
    sql`(select 'network/' || network_key from user_group_networks where group_key in (${groups}))`,
  cluster: (groups: RawBuilder<unknown>) =>
    sql`(select 'cluster/' || cluster_key from user_group_clusters where group_key in (${groups}))`,
  profile: (groups: RawBuilder<unknown>) =>
    sql`(select 'profile/' || profiles.key from profiles where profiles.cluster_key in
      (select cluster_key from user_group_clusters where group_key in (${groups})))`,
}

/** The events that somebody may see, as the start of a query. */
export function visibleEvents(queries: Queries, visibility: Visibility): SelectQueryBuilder<Schema, 'events', object> {
  const events = queries.selectFrom('events')
  if (visibility === 'all') return events
  const { groups, kinds } = visibility
  return events.where((event) => {
    const isOneOf = (words: readonly string[]): Expression<SqlBool> =>
      event.or(
        words.map((word) =>
          wholeTypes.includes(word)
            ? event('events.type', '=', word)
            : event.and([event('events.type', 'like', `${word}.%`), event('events.type', 'not in', wholeTypes)]),
        ),
      )
    if (groups === 'all') return isOneOf(Object.values(kinds).flat())
    const own = orNone(groups)
    const isGiven = (scope: keyof typeof subjectsOf): Expression<SqlBool> =>
      event.and([isOneOf(kinds[scope]), sql<SqlBool>`events.subject in ${subjectsOf[scope](sql.join([...own]))}`])
    return event.or([
      event.and([isOneOf(kinds.group), event('events.groupKey', 'in', own)]),
      isGiven('network'),
      isGiven('cluster'),
      isGiven('profile'),
      isOneOf(kinds.anybody),
    ])
  })
}
