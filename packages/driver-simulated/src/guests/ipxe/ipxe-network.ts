import { IpxeError } from './ipxe-machine.ts'
import type { IpxeMachine } from './ipxe-machine.ts'
import type { IpxeSettings } from './ipxe-settings.ts'

/** The network cards of iPXE: opened and configured before anything can be fetched. */
export interface IpxeNetwork {
  /** Cards by name (`net0`); none named means all. Throws `IpxeError` for a name that is none. */
  open(names: readonly string[]): void
  close(names: readonly string[]): void
  /** Asks the network's DHCP server until one card has a lease. Throws `IpxeError`. */
  configure(names: readonly string[]): void
  /** Throws `IpxeError` unless an open card has an address and a netmask. */
  assertReachable(): void
  describe(): readonly string[]
}

export function createIpxeNetwork(machine: IpxeMachine, settings: IpxeSettings): IpxeNetwork {
  const opened = new Set<number>()
  const select = (names: readonly string[]): number[] => {
    if (names.length === 0) return machine.nics.map((_, index) => index)
    return names.map((name) => {
      const index = /^net\d+$/.test(name) ? Number(name.slice(3)) : -1
      if (!machine.nics[index]) throw new IpxeError(`"${name}": no such interface`)
      return index
    })
  }
  const address = (index: number): string | undefined => settings.read(`net${index}/ip`) ?? settings.read(`net${index}/ip6`)
  const isSet = (index: number, ...names: readonly string[]): boolean =>
    names.every((name) => settings.read(`net${index}/${name}`) !== undefined)
  const reachable = (index: number): boolean =>
    opened.has(index) && (isSet(index, 'ip', 'netmask') || isSet(index, 'ip6', 'len6'))

  return {
    open: (names) => select(names).forEach((index) => opened.add(index)),
    close: (names) => select(names).forEach((index) => opened.delete(index)),
    configure: (names) => {
      for (const index of select(names)) {
        const nic = machine.nics[index]
        const lease = nic && machine.lease(nic)
        machine.print(`Configuring (net${index} ${nic?.mac})...${lease ? ' ok' : ' No configuration methods succeeded'}`)
        if (!lease) continue
        opened.add(index)
        settings.store(`net${index}/ip`, lease.ip)
        settings.store(`net${index}/netmask`, lease.netmask)
        settings.store(`net${index}/gateway`, lease.gateway ?? '')
        settings.store(`net${index}/dns`, lease.dns ?? '')
        return
      }
      throw new IpxeError('No configuration methods succeeded')
    },
    assertReachable: () => {
      if (!machine.nics.some((_, index) => reachable(index))) throw new IpxeError('Network unreachable')
    },
    describe: () =>
      machine.nics.map((nic, index) => {
        const where = address(index)
          ? `${address(index)}/${settings.read(`net${index}/netmask`) ?? settings.read(`net${index}/len6`) ?? '?'}`
          : 'no address'
        return `net${index}: ${nic.mac} ${opened.has(index) ? 'open' : 'closed'} ${where}`
      }),
  }
}
