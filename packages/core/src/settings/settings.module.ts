import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlSettings } from './sql-settings.ts'

export const settingsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Settings)
    .toResolvedValue(construct(SqlSettings), [tokens.Database, tokens.Access, tokens.Events])
    .inSingletonScope()
})
