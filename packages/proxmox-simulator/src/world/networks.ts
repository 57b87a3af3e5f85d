/** A bridge of a node, as `/nodes/{node}/network` tells it. */
export interface Bridge {
  readonly iface: string
  /** A bridge that is configured but down is told without `active`, and machines on it do not start. Default true. */
  readonly up?: boolean
  readonly vlanAware?: boolean
  /** `10.0.0.1/24`. */
  readonly cidr?: string
  readonly ports?: string
  readonly comment?: string
  readonly priority?: number
}

export interface Zone {
  readonly zone: string
  readonly type: string
}

export interface Vnet {
  readonly vnet: string
  readonly zone: string
  readonly tag?: number
  readonly alias?: string
}

export const loopbackBridge: Bridge = { iface: 'vmbr0', cidr: '10.0.0.1/24' }

export const localZone = 'localnetwork'

/** The wire's view. */
export function bridgeView(bridge: Bridge, index: number): Record<string, unknown> {
  const [address, netmask] = bridge.cidr?.split('/') ?? []
  return {
    iface: bridge.iface,
    type: 'bridge',
    method: bridge.cidr === undefined ? 'manual' : 'static',
    method6: 'manual',
    families: ['inet'],
    autostart: 1,
    priority: bridge.priority ?? 3 + index,
    bridge_ports: bridge.ports ?? '',
    bridge_stp: 'off',
    bridge_fd: '0',
    ...(bridge.cidr !== undefined && { cidr: bridge.cidr, address, netmask }),
    ...(bridge.up !== false && { active: 1 }),
    ...(bridge.vlanAware && { bridge_vlan_aware: 1, bridge_vids: '2-4094' }),
    ...(bridge.comment !== undefined && { comments: `${bridge.comment}\n` }),
  }
}
