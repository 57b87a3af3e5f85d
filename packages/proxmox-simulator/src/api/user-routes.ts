import { denied, failed } from '../api-error.ts'
import type { Token, User } from '../access/accounts.ts'
import { type Parameters, flag, optional, text, whole } from './parameters.ts'
import type { Call, Route } from './route.ts'

const expire = whole(0)
const userid: Parameters = { userid: text({ format: 'user', maxLength: 64 }) }
const details: Parameters = optional({
  comment: text({ maxLength: 2048 }),
  email: text({ maxLength: 254 }),
  enable: flag,
  expire,
  firstname: text({ maxLength: 1024 }),
  groups: text(),
  keys: text({ pattern: /[0-9a-zA-Z!=]{0,4096}/ }),
  lastname: text({ maxLength: 1024 }),
})
const tokenId: Parameters = { ...userid, tokenid: text({ pattern: /[A-Za-z][A-Za-z0-9.\-_]+/ }) }
const tokenDetails: Parameters = optional({ comment: text(), expire, privsep: flag })
const group: Parameters = { groupid: text({ format: 'group' }) }
const groupAllocate = { path: '/access/groups', privileges: ['Group.Allocate'] }

export const userRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/access/users',
    parameters: optional({ enabled: flag, full: flag }),
    access: 'all',
    answer: ({ accounts, caller, may }) =>
      [...accounts.users.values()]
        .filter((user) => user.userid === caller.userid || may('/access/groups', ['User.Modify', 'Sys.Audit'], true))
        .map((user) => ({ userid: user.userid, ...viewOf(user), 'realm-type': user.userid.split('@')[1] })),
  },
  {
    method: 'POST',
    path: '/access/users',
    parameters: { ...userid, ...details, ...optional({ password: text({ minLength: 8, maxLength: 64 }) }) },
    access: 'all',
    answer: (call) => {
      manage(call)
      const { accounts, params } = call
      const id = params.text('userid')
      if (accounts.users.has(id)) throw failed(`create user failed: user '${id}' already exists`)
      if (!/@(?:pam|pve)$/.test(id)) throw failed(`create user failed: no such domain '${id.split('@')[1]}'`)
      change(call, accounts.addUser(id, params.find('password')))
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/users/{userid}',
    parameters: userid,
    access: 'all',
    answer: (call) => {
      const user = userOf(call)
      if (user.userid !== call.caller.userid) call.check('/access/groups', ['User.Modify', 'Sys.Audit'], true)
      const tokens = Object.fromEntries([...user.tokens].map(([id, token]) => [id, tokenView(token)]))
      return { ...viewOf(user), groups: [...user.groups], tokens }
    },
  },
  {
    method: 'PUT',
    path: '/access/users/{userid}',
    parameters: { ...userid, ...details, append: { ...flag, optional: true, requires: 'groups' } },
    access: 'all',
    answer: (call) => {
      manage(call)
      change(call, userOf(call))
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/users/{userid}',
    parameters: userid,
    access: 'all',
    answer: (call) => {
      manage(call)
      const { userid: id } = userOf(call)
      if (id === 'root@pam') throw failed('delete user failed: cannot delete root user')
      call.accounts.users.delete(id)
      call.accounts.acl = call.accounts.acl.filter(({ ugid }) => ugid !== id && !ugid.startsWith(`${id}!`))
      return null
    },
  },
  {
    method: 'PUT',
    path: '/access/password',
    parameters: {
      ...userid,
      password: text({ minLength: 8, maxLength: 64 }),
      ...optional({ 'confirmation-password': text({ minLength: 5, maxLength: 64 }) }),
    },
    access: 'all',
    answer: (call) => {
      const user = userOf(call)
      if (user.userid !== call.caller.id) manage(call)
      user.password = call.params.text('password')
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/users/{userid}/token',
    parameters: userid,
    access: 'all',
    answer: (call) => {
      own(call)
      return [...userOf(call).tokens.values()].map((token) => ({ tokenid: token.tokenid, ...tokenView(token) }))
    },
  },
  {
    method: 'GET',
    path: '/access/users/{userid}/token/{tokenid}',
    parameters: tokenId,
    access: 'all',
    answer: (call) => {
      own(call)
      return tokenView(tokenOf(call))
    },
  },
  {
    method: 'POST',
    path: '/access/users/{userid}/token/{tokenid}',
    parameters: { ...tokenId, ...tokenDetails },
    access: 'all',
    answer: (call) => {
      own(call)
      const { accounts, params } = call
      const user = userOf(call)
      const name = params.text('tokenid')
      if (user.tokens.has(name)) throw failed('Token already exists.')
      const token = accounts.addToken(user.userid, name, { privsep: !params.has('privsep') || params.flag('privsep') })
      changeToken(call, token)
      return { 'full-tokenid': `${user.userid}!${name}`, value: token.secret, info: tokenView(token) }
    },
  },
  {
    method: 'PUT',
    path: '/access/users/{userid}/token/{tokenid}',
    parameters: { ...tokenId, ...tokenDetails },
    access: 'all',
    answer: (call) => {
      own(call)
      const token = tokenOf(call)
      changeToken(call, token)
      return tokenView(token)
    },
  },
  {
    method: 'DELETE',
    path: '/access/users/{userid}/token/{tokenid}',
    parameters: tokenId,
    access: 'all',
    answer: (call) => {
      own(call)
      const { tokenid } = tokenOf(call)
      const user = userOf(call)
      user.tokens.delete(tokenid)
      call.accounts.acl = call.accounts.acl.filter(({ ugid }) => ugid !== `${user.userid}!${tokenid}`)
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/groups',
    parameters: {},
    access: 'all',
    answer: ({ accounts, may }) =>
      [...accounts.groups]
        .filter(() => may('/access/groups', ['User.Modify', 'Group.Allocate', 'Sys.Audit'], true))
        .map(([groupid, { comment }]) => ({ groupid, comment, users: members(accounts, groupid).join(',') })),
  },
  {
    method: 'POST',
    path: '/access/groups',
    parameters: { ...group, ...optional({ comment: text() }) },
    access: groupAllocate,
    answer: ({ accounts, params }) => {
      const name = params.text('groupid')
      if (accounts.groups.has(name)) throw failed(`create group failed: group '${name}' already exists`)
      accounts.groups.set(name, { comment: params.text('comment') })
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/groups/{groupid}',
    parameters: group,
    access: groupAllocate,
    answer: ({ accounts, params }) => {
      const name = params.text('groupid')
      if (!accounts.groups.delete(name)) throw failed(`delete group failed: group '${name}' does not exist`)
      for (const { groups } of accounts.users.values()) groups.delete(name)
      return null
    },
  },
]

function userOf({ accounts, params }: Call): User {
  const user = accounts.users.get(params.text('userid'))
  if (!user) throw failed(`no such user ('${params.text('userid')}')`)
  return user
}

function tokenOf(call: Call): Token {
  const token = userOf(call).tokens.get(call.params.text('tokenid'))
  if (!token) throw failed(`no such token '${call.params.text('tokenid')}' for user '${call.params.text('userid')}'`)
  return token
}

function manage(call: Call): void {
  call.check('/access/groups', ['User.Modify'])
}

/** One's own tokens, or those of users whom one may change; a token does not make others. */
function own(call: Call): void {
  if (call.caller.id === call.params.text('userid')) return
  if (!call.may('/access/groups', ['User.Modify'])) throw denied()
}

function members(accounts: Call['accounts'], name: string): string[] {
  return [...accounts.users.values()].filter(({ groups }) => groups.has(name)).map(({ userid: id }) => id)
}

function viewOf({ enable, expire: end, comment }: User): Record<string, unknown> {
  return { enable: enable ? 1 : 0, expire: end, ...(comment !== '' && { comment }) }
}

function tokenView({ privsep, expire: end, comment }: Token): Record<string, unknown> {
  return { privsep: privsep ? 1 : 0, expire: end, ...(comment !== '' && { comment }) }
}

function change({ accounts, params }: Call, user: User): void {
  for (const name of params.list('groups')) {
    if (!accounts.groups.has(name)) throw failed(`no such group '${name}'`)
  }
  if (params.has('groups')) user.groups = new Set([...(params.flag('append') ? user.groups : []), ...params.list('groups')])
  if (params.has('comment')) user.comment = params.text('comment')
  if (params.has('enable')) user.enable = params.flag('enable')
  if (params.has('expire')) user.expire = params.number('expire')
}

function changeToken({ params }: Call, token: Token): void {
  if (params.has('comment')) token.comment = params.text('comment')
  if (params.has('expire')) token.expire = params.number('expire')
  if (params.has('privsep')) token.privsep = params.flag('privsep')
}
