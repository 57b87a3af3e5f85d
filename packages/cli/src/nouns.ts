import type { Noun } from './verbs.ts'

/** What an installation has, in the order of the help. Each is a folder of `commands/`. */
export const nouns: readonly Noun[] = [
  {
    name: 'clusters',
    alias: 'cluster',
    description: 'Hypervisors that are registered.',
    load: async () => (await import('./commands/clusters/clusters.ts')).clusters,
  },
]
