import { type Contract, contract } from '../../contract/contract.ts'
import type { OperationContract } from '../../contract/operation.ts'
import type { Handlers } from '../handler.ts'

export const helpHandlers: Handlers<Contract['help']> = {
  list: async () => {
    const operations: OperationContract[] = Object.values(contract).flatMap((resource) => Object.values(resource))
    return operations.map(({ method, path, title, permission }) => ({ method, path, title, permission }))
  },
  openapi: async ({ document }) => ({ ...document() }),
}
