import { callbacks } from './resources/callbacks.ts'
import { clusterCredentials } from './resources/cluster-credentials.ts'
import { clusterDefaults } from './resources/cluster-defaults.ts'
import { clusters } from './resources/clusters.ts'
import { networks } from './resources/networks.ts'
import { operatingSystems } from './resources/operating-systems.ts'
import { profiles } from './resources/profiles.ts'
import { resourceContingents } from './resources/resource-contingents.ts'

/** Every resource, every operation. */
export const contract = {
  callbacks,
  clusterCredentials,
  clusterDefaults,
  clusters,
  networks,
  operatingSystems,
  profiles,
  resourceContingents,
}

export type Contract = typeof contract

/** Where the original has its API. */
export const base = '/rest/v1'
