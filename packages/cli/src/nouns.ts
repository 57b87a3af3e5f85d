import type { Noun } from './verbs.ts'

/** What an installation has, in the order of the help. Each is a folder of `commands/`. */
export const nouns: readonly Noun[] = [
  {
    name: 'clusters',
    alias: 'cluster',
    description: 'Hypervisors that are registered.',
    load: async () => (await import('./commands/clusters/clusters.ts')).clusters,
  },
  {
    name: 'networks',
    alias: 'network',
    description: 'Their networks, and the addresses that are handed out.',
    load: async () => (await import('./commands/networks/networks.ts')).networks,
  },
  {
    name: 'machines',
    alias: 'machine',
    description: 'Virtual machines: first on paper, then installed or cloned.',
    load: async () => (await import('./commands/machines/machines.ts')).machines,
  },
  {
    name: 'snapshots',
    alias: 'snapshot',
    description: 'States of machines that one can go back to.',
    load: async () => (await import('./commands/snapshots/snapshots.ts')).snapshots,
  },
  {
    name: 'operations',
    alias: 'operation',
    description: 'Work that is under way, or was.',
    load: async () => (await import('./commands/operations/operations.ts')).operations,
  },
  {
    name: 'templates',
    alias: 'template',
    description: 'Machines that others are cloned from.',
    load: async () => (await import('./commands/templates/templates.ts')).templates,
  },
  {
    name: 'profiles',
    alias: 'profile',
    description: 'Presets of machines.',
    load: async () => (await import('./commands/profiles/profiles.ts')).profiles,
  },
  {
    name: 'groups',
    alias: 'group',
    description: 'Groups of users, which own machines.',
    load: async () => (await import('./commands/groups/groups.ts')).groups,
  },
  {
    name: 'users',
    alias: 'user',
    description: 'People.',
    load: async () => (await import('./commands/users/users.ts')).users,
  },
  {
    name: 'permissions',
    alias: 'permission',
    description: 'What users may do.',
    load: async () => (await import('./commands/permissions/permissions.ts')).permissions,
  },
  {
    name: 'contingents',
    alias: 'contingent',
    description: 'Limits of groups, and what they have used.',
    load: async () => (await import('./commands/contingents/contingents.ts')).contingents,
  },
  {
    name: 'callbacks',
    alias: 'callback',
    description: 'URLs that are told of installs and deletions.',
    load: async () => (await import('./commands/callbacks/callbacks.ts')).callbacks,
  },
  {
    name: 'notifications',
    alias: 'notification',
    description: 'Who is told of what happens.',
    load: async () => (await import('./commands/notifications/notifications.ts')).notifications,
  },
  {
    name: 'mail',
    description: 'The mail server that notifications go through.',
    load: async () => (await import('./commands/mail/mail.ts')).mail,
  },
  {
    name: 'logs',
    alias: 'log',
    description: 'What was logged.',
    load: async () => (await import('./commands/logs/logs.ts')).logs,
  },
  {
    name: 'audit',
    description: 'Who did what, and whether the record of it is whole.',
    load: async () => (await import('./commands/audit/audit.ts')).audit,
  },
  {
    name: 'backup',
    description: 'The whole installation in one file, and back.',
    load: async () => (await import('./commands/backup/backup.ts')).backup,
  },
  {
    name: 'settings',
    alias: 'setting',
    description: 'Settings of the installation, and what its services log.',
    load: async () => (await import('./commands/settings/settings.ts')).settings,
  },
  {
    name: 'license',
    description: 'The limit on machines of all groups.',
    load: async () => (await import('./commands/license/license.ts')).license,
  },
  {
    name: 'eula',
    description: 'The license agreement.',
    load: async () => (await import('./commands/eula/eula.ts')).eula,
  },
  {
    name: 'updates',
    alias: 'update',
    description: 'Newer versions.',
    load: async () => (await import('./commands/updates/updates.ts')).updates,
  },
]
