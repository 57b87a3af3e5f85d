import type { Operation } from '@virtkit/core'
import type { operations } from '../../contract/resources/operations.ts'
import { toNanoseconds } from '../durations.ts'
import { sentences } from '../error-answer.ts'
import type { Handlers } from '../handler.ts'
import { toWireNames } from '../wire-names.ts'

export const operationHandlers: Handlers<typeof operations> = {
  list: async ({ services, query: { subject, ended, limit }, by }) => {
    const filter = {
      ...(subject !== undefined && { subject }),
      ...(ended !== undefined && { ended }),
      ...(limit !== undefined && { limit }),
    }
    return (await services.operations.list(filter, by)).map(toWire)
  },
  get: async ({ services, params, by }) => toWire(await services.operations.get(params.id, by)),
  steps: async ({ services, params, by }) =>
    (await services.operations.steps(params.id, by)).map(({ startedAt, endedAt, ...step }) => ({
      ...step,
      startdate: toNanoseconds(startedAt),
      enddate: toNanoseconds(endedAt),
    })),
  cancel: async ({ services, params, by }) => toWire(await services.operations.cancel(params.id, by)),
}

function toWire({ group, cluster, error, createdAt, endedAt, ...operation }: Operation) {
  return {
    ...operation,
    ...(error && {
      error: { code: error.code, errors: sentences(error, { rename: toWireNames }), outcome: error.outcome },
    }),
    ...(group !== undefined && { owner: group }),
    ...(cluster !== undefined && { clusterkey: cluster }),
    creationdate: toNanoseconds(createdAt),
    ...(endedAt !== undefined && { enddate: toNanoseconds(endedAt) }),
  }
}
