import type { InventoryOperations, MachineInfo } from '@virtkit/spi'
import { throwProblems } from '../errors.ts'
import { powerOf } from '../machines/hardware.ts'
import { wholeNumberProblems } from '../machines/input.ts'
import { describe, read, unlessGone } from '../machines/look.ts'
import { defaultPool, readPools, readSite } from '../machines/site.ts'
import type { Session } from '../session.ts'

export function inventoryOperations(session: Session): InventoryOperations {
  const { userNetwork } = session.options
  return {
    defaults: (call) =>
      session.perform(call, async (libvirt) => {
        const [host, pools] = await Promise.all([libvirt.hostname(), readPools(libvirt, true)])
        const pool = defaultPool({ pools })
        return { host, ...(pool && { datastore: pool.name }) }
      }),
    datacenters: (call) => session.perform(call, async () => []),
    resourcePools: (call) => session.perform(call, async () => []),
    hosts: (call) =>
      session.perform(call, async (libvirt) => {
        const [name, { memoryKiB, cpus }, domains] = await Promise.all([
          libvirt.hostname(),
          libvirt.nodeInfo(),
          libvirt.domains(),
        ])
        const promised = await Promise.all(
          // Only what runs has a number.
          domains
            .filter((domain) => domain.id >= 0)
            .map((domain) =>
              unlessGone(async () => {
                const [{ hardware }, state] = await Promise.all([read(libvirt, domain), libvirt.domainState(domain)])
                return powerOf(state) === 'off' ? 0 : hardware.memoryMiB
              }),
            ),
        )
        const memoryMiB = Math.floor(memoryKiB / 1024)
        const taken = promised.reduce<number>((sum, each) => sum + (each ?? 0), 0)
        return [{ name, online: true, cpus, memoryMiB, freeMemoryMiB: Math.max(0, memoryMiB - taken) }]
      }),
    datastores: (call) =>
      session.perform(call, async (libvirt) =>
        (await readPools(libvirt, true)).map(({ name, type, isActive, holdsFiles, capacityMiB, freeMiB }) => ({
          name,
          type,
          writable: isActive && holdsFiles,
          capacityMiB,
          freeMiB,
          hosts: [],
          holds: holdsFiles ? (['disks', 'media'] as const) : [],
        })),
      ),
    networks: (call) =>
      session.perform(call, async (libvirt) =>
        (await readSite(libvirt, userNetwork)).networks.map(({ name, kind }) => ({ name, kind })),
      ),
    machines: async function* ({ pageSize }, call) {
      throwProblems(wholeNumberProblems('pageSize', pageSize, 1))
      // Which there are is read once; what each is, page by page. What goes meanwhile is left out.
      const domains = [...(await session.perform(call, (libvirt) => libvirt.domains()))]
      while (domains.length > 0) {
        const some = domains.splice(0, pageSize)
        const page = await session.perform(call, async (libvirt) => {
          const [host, pools] = await Promise.all([libvirt.hostname(), readPools(libvirt)])
          const found = some.map((domain) =>
            unlessGone(async () => describe(libvirt, await read(libvirt, domain), { host, pools }, userNetwork)),
          )
          return (await Promise.all(found)).filter((info): info is MachineInfo => info !== undefined)
        })
        if (page.length > 0) yield page
      }
    },
  }
}
