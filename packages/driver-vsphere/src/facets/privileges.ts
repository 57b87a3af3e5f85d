import type { MissingPrivilege, PrivilegeOperations } from '@virtkit/spi'
import { flagAt, listAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import type { MoRef } from '../client/xml/xml-tree.ts'
import { choosePlace } from '../places/choose-place.ts'
import type { Place, Places } from '../places/places.ts'
import { type PrivilegeScope, neededPrivileges } from '../privileges.ts'
import type { Context } from './context.ts'

interface Looked {
  readonly scope: PrivilegeScope
  readonly ref: MoRef
  readonly path: string
}

export function privilegeOperations({ session, book, maker, isVcenter }: Context): PrivilegeOperations {
  return {
    missing: (call) =>
      session.perform(call, undefined, async (work) => {
        const places = await book.places(work.signal, true)
        const looked = whereToLook(places, maker.datacenter)
        const needed = neededPrivileges.filter((each) => isVcenter || !each.vcenterOnly)
        const answer = await work.read('HasPrivilegeOnEntities', work.client.service('authorizationManager'), {
          entity: looked.map((each) => each.ref),
          sessionId: work.client.sessionKey,
          privId: [...new Set(needed.map((each) => each.privilege))],
        })
        const lacking = new Map(listAt(answer).map((each) => [refAt(each, 'entity')?.id, lackingOf(each)]))
        return needed.flatMap(({ operation, privilege, on }) =>
          looked
            .filter(({ scope, ref }) => scope === on && lacking.get(ref.id)?.has(privilege))
            .map(({ path }): MissingPrivilege => ({ operation, privilege, path })),
        )
      }),
  }
}

function lackingOf(entity: unknown): ReadonlySet<string> {
  const refused = listAt(entity, 'privAvailability').filter((each) => !flagAt(each, 'isGranted'))
  return new Set(refused.map((each) => textAt(each, 'privId') ?? ''))
}

/** Where machines go by default, and every datastore and network of that datacenter. */
function whereToLook(places: Places, preferred: string | undefined): readonly Looked[] {
  const chosen = choosePlace(places, {}, preferred, [])
  if (!chosen) return []
  const { datacenter, folder, pool } = chosen
  const root = places.pathOf(datacenter)
  const here = (all: readonly Place[]): readonly Place[] =>
    all.filter((each) => places.datacenterOf(each)?.ref.id === datacenter.ref.id)
  const pools = places.get(pool)
  return [
    { scope: 'folder', ref: folder, path: `/${root}/vm` },
    { scope: 'pool', ref: pool, path: `/${root}/host/${pools ? places.poolName(pools) : ''}` },
    ...here(places.datastores()).map(({ ref, name }) => ({
      scope: 'datastore' as const,
      ref,
      path: `/${root}/datastore/${name}`,
    })),
    ...here(places.networks()).map(({ ref, name }) => ({
      scope: 'network' as const,
      ref,
      path: `/${root}/network/${name}`,
    })),
  ]
}
