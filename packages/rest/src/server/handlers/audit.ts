import type { AuditEntry, AuditReport } from '@virtkit/core'
import type { Contract } from '../../contract/contract.ts'
import { RequestError } from '../error-answer.ts'
import type { Handlers } from '../handler.ts'

export const auditHandlers: Handlers<Contract['audit']> = {
  list: async ({ services, query, by }) => (await services.audit.list(query, by)).map(toWire),
  verify: async ({ services, query: { number, hash }, by }) => {
    if ((number === undefined) !== (hash === undefined))
      throw new RequestError(400, [`missing parameter: ${number === undefined ? 'number' : 'hash'}`])
    const head = number === undefined || hash === undefined ? undefined : { number, hash }
    return toWireReport(await services.audit.verify({ head }, by))
  },
}

function toWire({ position, id, at, actor, actorName = '', action, subject, outcome, request = '', data }: AuditEntry) {
  return { position, id, time: at * 1e6, actor, username: actorName, action, subject, outcome, request, data }
}

function toWireReport({ isIntact, checked, since = 0, head, faults }: AuditReport) {
  return { intact: isIntact, checked, since: since * 1e6, ...head, faults: [...faults] }
}
