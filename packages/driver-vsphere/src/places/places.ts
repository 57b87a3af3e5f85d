import type { Found } from '../client/retrieve.ts'
import { type MoRef, flagAt, listAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import { readName } from './entity-name.ts'

export interface Place {
  readonly ref: MoRef
  readonly name: string
  readonly parent: MoRef | undefined
  readonly properties: Found['properties']
}

/** Everything of a server where machines can be, as of one moment. */
export class Places {
  readonly #byId: ReadonlyMap<string, Place>
  readonly root: MoRef

  constructor(found: readonly Found[], root: MoRef) {
    this.root = root
    this.#byId = new Map(
      found.map(({ ref, properties }) => {
        const name = readName(textAt(properties['name']) ?? '')
        return [ref.id, { ref, name, parent: refAt(properties['parent']), properties }]
      }),
    )
  }

  get(ref: MoRef | string | undefined): Place | undefined {
    return ref === undefined ? undefined : this.#byId.get(typeof ref === 'string' ? ref : ref.id)
  }

  /** In the order of their names. */
  ofType(...types: readonly string[]): readonly Place[] {
    return [...this.#byId.values()].filter((place) => types.includes(place.ref.moType)).toSorted(byName)
  }

  datacenters(): readonly Place[] {
    return this.ofType('Datacenter')
  }

  computes(): readonly Place[] {
    return this.ofType('ClusterComputeResource', 'ComputeResource')
  }

  hosts(): readonly Place[] {
    return this.ofType('HostSystem')
  }

  pools(): readonly Place[] {
    return this.ofType('ResourcePool')
  }

  datastores(): readonly Place[] {
    return this.ofType('Datastore')
  }

  /** Networks that a machine can be put on: not the uplinks of a distributed switch. */
  networks(): readonly Place[] {
    return this.ofType('Network', 'DistributedVirtualPortgroup', 'OpaqueNetwork').filter((place) => !isUplink(place))
  }

  /** The datacenter that something lies in. */
  datacenterOf(place: Place | undefined): Place | undefined {
    return this.#above(place, ['Datacenter'])
  }

  /** The cluster, or the host alone, that a host or a resource pool belongs to. */
  computeOf(place: Place | undefined): Place | undefined {
    return this.#above(place, ['ClusterComputeResource', 'ComputeResource'])
  }

  /** The way from the root to a datacenter, as `dcPath` names it. */
  pathOf(datacenter: Place): string {
    const names: string[] = []
    for (let here: Place | undefined = datacenter; here && here.ref.id !== this.root.id; here = this.get(here.parent)) {
      names.unshift(here.name)
    }
    return names.join('/')
  }

  /** The name of a resource pool: unique in its datacenter, with all pools above it. */
  poolName(pool: Place): string {
    const names = [pool.name]
    for (let here = this.get(pool.parent); here; here = this.get(here.parent)) {
      names.unshift(here.name)
      if (here.ref.moType !== 'ResourcePool') break
    }
    return names.join('/')
  }

  #above(place: Place | undefined, types: readonly string[]): Place | undefined {
    for (let here = place; here; here = this.get(here.parent)) if (types.includes(here.ref.moType)) return here
    return undefined
  }
}

function isUplink({ ref, properties }: Place): boolean {
  if (ref.moType !== 'DistributedVirtualPortgroup') return false
  if (flagAt(properties['config.uplink'])) return true
  if (listAt(properties['tag']).some((tag) => textAt(tag, 'key') === 'SYSTEM/DVS.UPLINKPG')) return true
  return /-DVUplinks-/.test(textAt(properties['name']) ?? '')
}

function byName(one: Place, other: Place): number {
  return one.name === other.name ? (one.ref.id < other.ref.id ? -1 : 1) : one.name < other.name ? -1 : 1
}
