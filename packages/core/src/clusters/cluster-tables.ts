import type { Generated } from 'kysely'

export interface ClusterTables {
  credentials: {
    key: Generated<number>
    name: string
    username: string
    /** Sealed. */
    password: string
    url: string
    insecure: number
    http: number
  }
  clusterDefaults: {
    key: Generated<number>
    datacenter: string | null
    resourcePool: string | null
    host: string | null
    datastore: string | null
  }
  clusters: {
    key: Generated<number>
    name: string
    type: string
    credentialsKey: number
    defaultsKey: number | null
    /** The driver's own options as JSON; never a secret. */
    options: string
  }
  clusterCallbacks: { clusterKey: number; callbackKey: number }
}
