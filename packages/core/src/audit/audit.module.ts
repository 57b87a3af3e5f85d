import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { AuditChain } from './audit-chain.ts'
import { SqlAudit } from './sql-audit.ts'

export const auditModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.AuditChain)
    .toResolvedValue(
      (database, keyring, clock, { operations, onError }) =>
        new AuditChain(database, keyring, clock, { everyMs: 5 * operations.pollMs, onError }),
      [tokens.Database, tokens.Keyring, tokens.Time, tokens.Options],
    )
    .inSingletonScope()
  bind(tokens.Audit)
    .toResolvedValue(construct(SqlAudit), [tokens.Database, tokens.Access, tokens.Events, tokens.AuditChain])
    .inSingletonScope()
})
