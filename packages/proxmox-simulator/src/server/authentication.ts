import type { IncomingMessage } from 'node:http'
import type { Accounts, Caller } from '../access/accounts.ts'
import { ApiError } from '../api-error.ts'

/** A refusal at the door: reason phrase only, neither content type nor body, and late. */
export class Unauthenticated extends ApiError {
  constructor(reason: string) {
    super(401, reason)
  }
}

const open = new Set(['POST /access/ticket', 'GET /access/ticket', 'GET /access/domains'])
export const nobody: Caller = { id: 'nobody', userid: 'nobody' }

/** Who asks. Tokens need no CSRF token; tickets do, for everything that changes something. */
export function authenticate(accounts: Accounts, { headers, method = 'GET' }: IncomingMessage, path: string): Caller {
  if (open.has(`${method} ${path}`)) return nobody
  const [, id, secret] = /^PVEAPIToken=([^:=\s]+)[=:](\S+)$/.exec(headers.authorization ?? '') ?? []
  if (id !== undefined && secret !== undefined) {
    const caller = accounts.byToken(id, secret)
    if (!caller) throw new Unauthenticated('Authentication failed!')
    return caller
  }
  const ticket = /(?:^|;\s*)PVEAuthCookie=("?)([^;"]+)\1/.exec(headers.cookie ?? '')?.[2]
  if (ticket === undefined) throw new Unauthenticated('No ticket')
  const caller = accounts.byTicket(decodeTicket(ticket))
  if (!caller) throw new Unauthenticated('Authentication failed!')
  const csrf = headers['csrfpreventiontoken']
  if (method !== 'GET' && !accounts.csrfFits(caller.userid, typeof csrf === 'string' ? csrf : '')) {
    throw new Unauthenticated('Permission denied - invalid csrf token')
  }
  return caller
}

function decodeTicket(ticket: string): string {
  try {
    return decodeURIComponent(ticket)
  } catch {
    return ticket
  }
}
