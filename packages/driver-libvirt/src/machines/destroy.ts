import type { Libvirt } from '../client/libvirt.ts'
import { LibvirtError } from '../client/rpc.ts'
import { saysNo } from '../errors.ts'
import { type FoundMachine, unlessGone } from './look.ts'
import { consoleLogName, removeFile } from './make.ts'
import { type Pool, poolAt, readPools } from './site.ts'

/**
 * Destroys a machine: plug, files, then the domain itself with NVRAM and snapshots. In this order, so that whoever is killed in between
 * leaves a machine that carries its mark and can be destroyed again.
 */
export async function destroyMachine(libvirt: Libvirt, { domain, hardware }: FoundMachine): Promise<void> {
  await unlessGone(() => pullPlug(libvirt, domain))
  const { disks, seed, consoleLog, uuid } = hardware
  // The log of a machine that was made elsewhere may be anybody's.
  const log = consoleLog?.endsWith(`/${consoleLogName(uuid)}`) ? consoleLog : undefined
  const files = [...disks.map((disk) => disk.file), seed, log]
  for (const file of files) if (file !== undefined) await removeFile(libvirt, file)
  if (log !== undefined) await removePieces(libvirt, log)
  await unlessGone(() => libvirt.undefine(domain))
}

/** virtlogd cuts a long log into pieces, which libvirt sees when it looks at the folder again. */
async function removePieces(libvirt: Libvirt, log: string): Promise<void> {
  const folder = log.slice(0, log.lastIndexOf('/'))
  const pool = poolAt(await readPools(libvirt), `${folder}/`)
  // While a volume is being written libvirt refuses to look; then they stay.
  if (pool?.isActive !== true || !(await isRefreshed(libvirt, pool))) return
  const names = (await libvirt.volumes(pool)).filter(({ key }) => key.startsWith(`${log}.`))
  for (const { key } of names) await removeFile(libvirt, key)
}

async function isRefreshed(libvirt: Libvirt, pool: Pool): Promise<boolean> {
  return libvirt.refreshPool(pool).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LibvirtError) return false
      throw error
    },
  )
}

/** Promises: of a machine that does not run, fine. */
export async function pullPlug(libvirt: Libvirt, domain: FoundMachine['domain']): Promise<void> {
  try {
    await libvirt.pullPlug(domain)
  } catch (error) {
    if (!saysNo(error, 'operationInvalid')) throw error
  }
}
