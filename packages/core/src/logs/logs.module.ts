import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { FileLogs } from './file-logs.ts'

export const logsModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Log).toService(tokens.LogFile)
  bind(tokens.Logs)
    .toResolvedValue(construct(FileLogs), [tokens.LogFile, tokens.Access, tokens.Keyring, tokens.Time, tokens.Installation])
    .inSingletonScope()
})
