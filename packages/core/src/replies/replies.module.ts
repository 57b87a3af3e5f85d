import { ContainerModule } from 'inversify'
import { construct } from '../composition/token.ts'
import * as tokens from '../composition/tokens.ts'
import { SqlReplies } from './sql-replies.ts'

export const repliesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Replies)
    .toResolvedValue(construct(SqlReplies), [tokens.Database, tokens.Keyring, tokens.Time, tokens.Ids])
    .inSingletonScope()
})
