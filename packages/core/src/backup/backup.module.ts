import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlBackup } from './sql-backup.ts'

export const backupModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Backup)
    .toResolvedValue(construct(SqlBackup), [
      tokens.Database,
      tokens.Access,
      tokens.Events,
      tokens.Keyring,
      tokens.Time,
      tokens.Installation,
    ])
    .inSingletonScope()
})
