import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Release } from '../world/world.ts'
import { builtInRoles } from './privileges.ts'

export interface Token {
  readonly tokenid: string
  readonly secret: string
  /** True: it may do what both it and its user may. */
  privsep: boolean
  comment: string
  expire: number
}

export interface User {
  readonly userid: string
  password: string | undefined
  enable: boolean
  comment: string
  expire: number
  groups: Set<string>
  readonly tokens: Map<string, Token>
}

export interface AclEntry {
  readonly path: string
  readonly type: 'user' | 'group' | 'token'
  readonly ugid: string
  readonly roleid: string
  readonly propagate: boolean
}

/** Who knocks: a user, or a token of one (`root@pam!t1`). */
export interface Caller {
  readonly id: string
  readonly userid: string
  readonly token?: Token
}

export interface Accounts {
  readonly users: Map<string, User>
  readonly groups: Map<string, { comment: string }>
  readonly roles: Map<string, ReadonlySet<string>>
  readonly builtIn: ReadonlySet<string>
  acl: AclEntry[]
  addUser(userid: string, password?: string): User
  addToken(userid: string, tokenid: string, options?: { secret?: string; privsep?: boolean }): Token
  /** Undefined when the password is wrong, or the ticket that stands in its place has ended. */
  login(userid: string, password: string): { ticket: string; csrf: string } | undefined
  byTicket(ticket: string): Caller | undefined
  byToken(id: string, secret: string): Caller | undefined
  csrfFits(userid: string, csrf: string): boolean
  /** Makes every ticket that was given out worthless. */
  endTickets(): void
}

/** Two hours. */
const ticketSeconds = 7200

export function createAccounts(release: Release, now: () => number): Accounts {
  const roles = builtInRoles(release)
  let key = randomBytes(32)
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64').replace(/=+$/, '')
  const stamp = (): string => now().toString(16).toUpperCase()
  const fresh = (hex: string): boolean => {
    const age = now() - Number.parseInt(hex, 16)
    return age > -300 && age < ticketSeconds
  }
  const alive = (userid: string): User | undefined => {
    const user = accounts.users.get(userid)
    return user?.enable && (user.expire === 0 || user.expire > now()) ? user : undefined
  }
  const accounts: Accounts = {
    users: new Map(),
    groups: new Map(),
    roles,
    builtIn: new Set(roles.keys()),
    acl: [],
    addUser: (userid, password) => {
      const user: User = { userid, password, enable: true, comment: '', expire: 0, groups: new Set(), tokens: new Map() }
      accounts.users.set(userid, user)
      return user
    },
    addToken: (userid, tokenid, { secret = randomUUID(), privsep = true } = {}) => {
      const token: Token = { tokenid, secret, privsep, comment: '', expire: 0 }
      accounts.users.get(userid)?.tokens.set(tokenid, token)
      return token
    },
    login: (userid, password) => {
      const user = alive(userid)
      if (!user) return undefined
      const right = user.password !== undefined && same(user.password, password)
      if (!right && accounts.byTicket(password)?.userid !== userid) return undefined
      const plain = `PVE:${userid}:${stamp()}`
      return { ticket: `${plain}::${sign(plain)}`, csrf: `${stamp()}:${sign(`csrf ${stamp()} ${userid}`)}` }
    },
    byTicket: (ticket) => {
      const [, plain, userid, time, signature] = /^(PVE:([^:\s]+):([0-9A-F]{8}))::(.+)$/.exec(ticket) ?? []
      if (!plain || !userid || !time || !signature) return undefined
      return fresh(time) && same(sign(plain), signature) && alive(userid) ? { id: userid, userid } : undefined
    },
    byToken: (id, secret) => {
      const [userid = '', tokenid = ''] = id.split('!')
      const token = alive(userid)?.tokens.get(tokenid)
      if (!token || !same(token.secret, secret) || (token.expire !== 0 && token.expire <= now())) return undefined
      return { id, userid, token }
    },
    csrfFits: (userid, csrf) => {
      const [time = '', signature = ''] = csrf.split(':')
      return fresh(time) && same(sign(`csrf ${time} ${userid}`), signature)
    },
    endTickets: () => {
      key = randomBytes(32)
    },
  }
  return accounts
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
