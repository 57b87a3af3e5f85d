import type { MissingPrivilege, PrivilegeOperations } from '@virtkit/spi'
import { flag, record } from '../client/wire.ts'
import type { About } from '@virtkit/spi'
import { neededPrivileges } from '../privilege-table.ts'
import type { Session } from '../session.ts'

export function privilegeOperations(session: Session, about: About): PrivilegeOperations {
  return {
    missing: (call) =>
      session.perform(call, async (pve) => {
        const has = new Map<string, ReadonlySet<string>>()
        const needed = neededPrivileges(about.version, session.options)
        for (const path of new Set(needed.flatMap(({ paths }) => paths))) {
          // Of a path that is named, what comes from above is told too.
          const told = record(record(await pve.get('/access/permissions', {}, { path }))[path])
          has.set(path, new Set(Object.keys(told).filter((name) => flag(told[name]) || told[name] === 0)))
        }
        return needed.flatMap(({ operation, privilege, paths }): readonly MissingPrivilege[] => {
          const [first = '/'] = paths
          return paths.some((path) => has.get(path)?.has(privilege)) ? [] : [{ operation, privilege, path: first }]
        })
      }),
  }
}
