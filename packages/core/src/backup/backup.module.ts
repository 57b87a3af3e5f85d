import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { DailyBackups } from './daily-backups.ts'
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
  bind(tokens.DailyBackups)
    .toResolvedValue(construct(DailyBackups), [
      tokens.Database,
      tokens.Backup,
      tokens.Events,
      tokens.Time,
      tokens.Ids,
      tokens.Options,
    ])
    .inSingletonScope()
})
