import type { MissingPrivilege, PrivilegeOperations } from '@virtkit/spi'
import type { Session } from '../session.ts'

export function privilegeOperations(session: Session, missing: readonly MissingPrivilege[]): PrivilegeOperations {
  return {
    missing: (call) => session.perform({ method: 'privileges.missing', call, run: () => [...missing] }),
  }
}
