export interface VcsimOptions {
  /** Default `vcenter`. */
  readonly model?: 'vcenter' | 'esxi'
  readonly user?: string
  readonly password?: string
  /** Machines of each resource pool, so all of them where nothing else is asked for; default 0. */
  readonly machines?: number
  /** Whether those are switched on; default true. */
  readonly poweredOn?: boolean
  /** The rest, less `datastores`, is for a vCenter only. Datacenters; default 1, each with one cluster. */
  readonly datacenters?: number
  /** Hosts of a cluster; default 2. */
  readonly hosts?: number
  /** Hosts outside of clusters, each with a resource pool of its own; default 0. */
  readonly standaloneHosts?: number
  /** Resource pools of a cluster beside its own; default 0. */
  readonly pools?: number
  /** Default 1: `LocalDS_0`. */
  readonly datastores?: number
  /** Distributed port groups of a datacenter; default 1: `DC0_DVPG0`. */
  readonly portGroups?: number
  /** How many objects the server answers at most at once, as a vCenter does; default 0, no limit. */
  readonly pageLimit?: number
  /** How long every task takes, with progress, before it does anything; default 0. */
  readonly taskMs?: number
  /** How long a machine that is being made is in its folder without a configuration; default 0. */
  readonly bareMs?: number
  /** After how long without a call a session ends; default 0, never. */
  readonly idleMs?: number
  /** Whether requests are kept; default true. */
  readonly record?: boolean
}

/**
 * What happens to a call:
 * - `fault`: a SOAP fault of that type, the call is not carried out. `with` are the fault's properties in govmomi's words.
 * - `task-fault`: a task that fails at once (methods `…_Task` only).
 * - `status`: an HTTP status and no body.
 * - `reset-before`, `reset-after`: the connection is cut, before or after the call is carried out.
 * - `delay`: it waits, then goes on. `slow-task`: the task takes so long, with progress, and can be cancelled.
 */
export type Action =
  | { readonly kind: 'fault' | 'task-fault'; readonly fault: string; readonly message?: string; readonly with?: object }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'reset-before' | 'reset-after' }
  | { readonly kind: 'delay' | 'slow-task'; readonly ms: number }

export type Rule = Action & {
  /** Names such as `CreateVM_Task`; `*` is every SOAP method, `PUT /folder` an upload, `* /folder` any file request. */
  readonly methods: readonly string[]
  /** How many calls go by first; default 0. */
  readonly skip?: number
  /** How many calls it happens to; default all. */
  readonly times?: number
}

export interface StandingRule {
  readonly id: number
  readonly methods: readonly string[]
  readonly used: number
  readonly action: Action
}

export interface Guest {
  /** A machine's name. */
  readonly machine: string
  /** Whether VMware Tools run, are there without running, or are absent. */
  readonly tools: 'running' | 'installed' | 'absent'
  /** It takes a request to shut down and does nothing. */
  readonly deaf?: boolean
  readonly hostName?: string
  readonly addresses?: readonly { readonly mac: string; readonly ips: readonly string[] }[]
}

export interface Denial {
  /** Such as `Datastore.AllocateSpace`. */
  readonly privilege: string
  /** A kind of object such as `Datastore`, or one object's id; all when left out. */
  readonly entity?: string
}

export interface RecordedRequest {
  readonly method: string
  /** The whole envelope. */
  readonly body: string
}
