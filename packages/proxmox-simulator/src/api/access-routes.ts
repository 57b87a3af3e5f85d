import { ApiError, failed, invalidParameters } from '../api-error.ts'
import { flag, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'

export const accessRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/access',
    parameters: {},
    access: 'all',
    answer: () => ['users', 'groups', 'roles', 'acl', 'domains', 'ticket', 'permissions'].map((subdir) => ({ subdir })),
  },
  { method: 'GET', path: '/access/ticket', parameters: {}, access: 'world', answer: () => null },
  {
    method: 'POST',
    path: '/access/ticket',
    parameters: {
      username: text({ maxLength: 64 }),
      password: text(),
      ...optional({
        'new-format': flag,
        otp: text(),
        path: { ...text({ maxLength: 64 }), requires: 'privs' },
        privs: { ...text({ maxLength: 64 }), requires: 'path' },
        realm: text({ maxLength: 32 }),
        'tfa-challenge': text(),
      }),
    },
    access: 'world',
    answer: login,
  },
  {
    method: 'GET',
    path: '/access/domains',
    parameters: {},
    access: 'world',
    answer: () => [
      { realm: 'pam', type: 'pam', comment: 'Linux PAM standard authentication' },
      { realm: 'pve', type: 'pve', comment: 'Proxmox VE authentication server' },
    ],
  },
  {
    method: 'GET',
    path: '/access/permissions',
    parameters: optional({
      path: text(),
      userid: text({ pattern: /[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+(?:![A-Za-z][A-Za-z0-9.\-_]+)?/ }),
    }),
    access: 'all',
    answer: effective,
  },
  {
    method: 'GET',
    path: '/access/roles',
    parameters: {},
    access: 'all',
    answer: ({ accounts }) =>
      [...accounts.roles].map(([roleid, privileges]) => ({
        roleid,
        privs: [...privileges].toSorted().join(','),
        special: accounts.builtIn.has(roleid) ? 1 : 0,
      })),
  },
  {
    method: 'POST',
    path: '/access/roles',
    parameters: { roleid: text({ format: 'role' }), ...optional({ privs: text() }) },
    access: { path: '/access', privileges: ['Sys.Modify'] },
    answer: ({ accounts, params }) => {
      const role = params.text('roleid')
      if (accounts.roles.has(role)) throw failed(`create role failed: role '${role}' already exists`)
      accounts.roles.set(role, knownPrivileges({ accounts }, params.list('privs')))
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/roles/{roleid}',
    parameters: { roleid: text({ format: 'role' }) },
    access: 'all',
    answer: (call) => Object.fromEntries([...roleOf(call)].map((privilege) => [privilege, 1])),
  },
  {
    method: 'PUT',
    path: '/access/roles/{roleid}',
    parameters: {
      roleid: text({ format: 'role' }),
      ...optional({ append: { ...flag, requires: 'privs' }, privs: text() }),
    },
    access: { path: '/access', privileges: ['Sys.Modify'] },
    answer: (call) => {
      const { accounts, params } = call
      const before = roleOf(call)
      if (accounts.builtIn.has(params.text('roleid')))
        throw failed(`auto-generated role '${params.text('roleid')}' cannot be modified`)
      const added = knownPrivileges(call, params.list('privs'))
      accounts.roles.set(params.text('roleid'), new Set([...(params.flag('append') ? before : []), ...added]))
      return null
    },
  },
  {
    method: 'DELETE',
    path: '/access/roles/{roleid}',
    parameters: { roleid: text({ format: 'role' }) },
    access: { path: '/access', privileges: ['Sys.Modify'] },
    answer: (call) => {
      roleOf(call)
      if (call.accounts.builtIn.has(call.params.text('roleid'))) {
        throw failed(`auto-generated role '${call.params.text('roleid')}' cannot be deleted`)
      }
      call.accounts.roles.delete(call.params.text('roleid'))
      return null
    },
  },
  {
    method: 'GET',
    path: '/access/acl',
    parameters: {},
    access: 'all',
    answer: ({ accounts, may }) =>
      accounts.acl
        .filter(({ path }) => may(path, ['Permissions.Modify']) || may('/access', ['Sys.Audit']))
        .map((entry) => ({ ...entry, propagate: entry.propagate ? 1 : 0 })),
  },
  {
    method: 'PUT',
    path: '/access/acl',
    parameters: {
      path: text(),
      roles: text(),
      ...optional({ delete: flag, groups: text(), propagate: flag, tokens: text(), users: text() }),
    },
    access: { path: '{path}', privileges: ['Permissions.Modify'] },
    answer: changeAcl,
  },
]

function login({ accounts, params, permissions }: Call): unknown {
  const name = params.text('username')
  const userid = name.includes('@') ? name : `${name}@${params.text('realm', 'pam')}`
  const session = accounts.login(userid, params.text('password'))
  if (!session) throw new ApiError(401, 'authentication failure')
  const caller = { id: userid, userid }
  const tops = {
    vms: '/vms',
    storage: '/storage',
    nodes: '/nodes',
    access: '/access',
    dc: '/',
    sdn: '/sdn',
    mapping: '/mapping',
  }
  const cap = Object.fromEntries(
    Object.entries(tops).map(([name_, path]) => [
      name_,
      Object.fromEntries([...permissions.at(caller, path)].map(([privilege]) => [privilege, 1])),
    ]),
  )
  return { username: userid, ticket: session.ticket, CSRFPreventionToken: session.csrf, cap }
}

/** Without a path: every path that an entry is about, and those that a machine or storage has of itself. */
function effective(call: Call): unknown {
  const { params, accounts, permissions, world } = call
  const userid = params.find('userid')
  if (userid !== undefined && userid !== call.caller.userid && userid !== call.caller.id)
    call.check('/access', ['Sys.Audit'])
  const named =
    userid === undefined || userid === call.caller.id ? call.caller : { id: userid, userid: userid.split('!')[0] ?? '' }
  const token = accounts.users.get(named.userid)?.tokens.get(named.id.split('!')[1] ?? '')
  const caller = token ? { ...named, token } : named
  const one = params.find('path')
  const standard = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms', '/mapping']
  const paths =
    one === undefined
      ? [...standard, ...accounts.acl.map(({ path }) => path), ...[...world.pools.keys()].map((pool) => `/pool/${pool}`)]
      : [one]
  const all = [...new Set(paths)].map((path) => [path, Object.fromEntries(permissions.at(caller, path))] as const)
  return Object.fromEntries(all.filter(([, privileges]) => one !== undefined || Object.keys(privileges).length > 0))
}

function roleOf({ accounts, params }: Call): ReadonlySet<string> {
  const role = accounts.roles.get(params.text('roleid'))
  if (!role) throw failed(`role '${params.text('roleid')}' does not exist`)
  return role
}

function knownPrivileges({ accounts }: Pick<Call, 'accounts'>, names: readonly string[]): Set<string> {
  const known = accounts.roles.get('Administrator')
  const unknown = names.find((name) => !known?.has(name))
  if (unknown !== undefined) throw failed(`invalid privilege '${unknown}'`)
  return new Set(names)
}

function changeAcl({ accounts, params }: Call): null {
  const path = params.text('path').replace(/(?<=.)\/$/, '')
  if (!/^\/(?:$|access|mapping|nodes|pool|sdn|storage|vms)/.test(path))
    throw invalidParameters({ path: `invalid ACL path '${path}'` })
  const propagate = !params.has('propagate') || params.flag('propagate')
  const who = [
    ...params.list('users').map((ugid) => ({ type: 'user' as const, ugid })),
    ...params.list('groups').map((ugid) => ({ type: 'group' as const, ugid })),
    ...params.list('tokens').map((ugid) => ({ type: 'token' as const, ugid })),
  ]
  if (who.length === 0) throw invalidParameters({ users: "either 'users', 'groups' or 'tokens' is required" })
  for (const { type, ugid } of who) {
    const [userid = '', tokenid = ''] = ugid.split('!')
    if (type === 'user' && !accounts.users.has(ugid)) throw failed(`no such user ('${ugid}')`)
    if (type === 'group' && !accounts.groups.has(ugid)) throw failed(`no such group '${ugid}'`)
    if (type === 'token' && !accounts.users.get(userid)?.tokens.has(tokenid))
      throw failed(`no such token '${tokenid}' for user '${userid}'`)
    for (const roleid of params.list('roles')) {
      if (!accounts.roles.has(roleid)) throw failed(`role '${roleid}' does not exist`)
      accounts.acl = accounts.acl.filter(
        (entry) => !(entry.path === path && entry.type === type && entry.ugid === ugid && entry.roleid === roleid),
      )
      if (!params.flag('delete')) accounts.acl.push({ path, type, ugid, roleid, propagate })
    }
  }
  return null
}
