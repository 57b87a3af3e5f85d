import type { InputProblem, MachineChange } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { conflict, datastoreFull, throwProblems } from '../errors.ts'
import type { Deed } from '../session.ts'
import { changeHardware, renderChanged } from './domain-xml.ts'
import { sameNics } from './hardware.ts'
import { checkMemory, nameProblems, readNics, wholeNumberProblems } from './input.ts'
import { type FoundMachine, describe, getMachine } from './look.ts'
import { type Site, poolAt } from './site.ts'
import { writeMark } from './write-mark.ts'

const bytesPerMiB = 1024 ** 2

/** Changes hardware or name, all of it or nothing. */
export async function changeMachine(
  libvirt: Libvirt,
  deed: Deed,
  found: FoundMachine,
  site: Site,
  change: MachineChange,
  userNetwork: string | undefined,
): Promise<void> {
  const now = await describe(libvirt, found, site, userNetwork)
  const problems: InputProblem[] = []
  if (change.name !== undefined) problems.push(...nameProblems(change.name))
  for (const field of ['cpus', 'memoryMiB'] as const) {
    if (change[field] !== undefined) problems.push(...wholeNumberProblems(field, change[field], 1))
  }
  const nics = change.nics && readNics(site, change.nics, problems)
  const growing = growingDisks(now.disks, change.diskSizesMiB ?? [], problems)
  throwProblems(problems)
  if (change.memoryMiB !== undefined) checkMemory(site, change.memoryMiB)
  for (const { index, sizeMiB } of growing) checkGrowth(found, site, now.disks[index]!, index, sizeMiB)

  const { cpus = now.cpus, memoryMiB = now.memoryMiB } = change
  const isOther = cpus !== now.cpus || memoryMiB !== now.memoryMiB || (nics !== undefined && !sameNics(nics, now.nics))
  if (isOther && now.power !== 'off') {
    throw conflict('Cpus, memory and network cards change only while the machine is off.', 'power', 'switch it off first')
  }
  try {
    if (isOther) {
      const hardware = {
        ...(cpus !== now.cpus && { cpus }),
        ...(memoryMiB !== now.memoryMiB && { memoryMiB }),
        ...(nics && !sameNics(nics, now.nics) && { nics }),
      }
      await libvirt.define(renderChanged(changeHardware(found.xml, hardware, userNetwork)))
    }
    const { mark } = found.hardware
    if (growing.length > 0 || (change.name !== undefined && change.name !== mark.name)) {
      // Sizes are kept there as well, for when a disk's file cannot be read.
      const sizes = new Map(growing.map(({ index, sizeMiB }) => [index, sizeMiB]))
      const disks = mark.disks.map((disk, i) => ({ ...disk, sizeMiB: sizes.get(i) ?? disk.sizeMiB }))
      await writeMark(libvirt, await getMachine(libvirt, now.ref), { ...mark, name: change.name ?? mark.name, disks })
    }
    // Last, because a disk cannot shrink again.
    for (const { index, sizeMiB } of growing) {
      const { target, file } = found.hardware.disks[index]!
      const bytes = sizeMiB * bytesPerMiB
      if (now.power !== 'off') await libvirt.blockResize(found.domain, target, bytes)
      else await libvirt.resizeVolume(await libvirt.volumeAt(file ?? ''), bytes)
    }
  } catch (error) {
    if (growing.length <= 1) await deed.undo(() => libvirt.define(renderChanged(found.xml)))
    throw error
  }
}

interface Growing {
  readonly index: number
  readonly sizeMiB: number
}

function growingDisks(
  disks: readonly { readonly sizeMiB: number }[],
  sizes: readonly (number | undefined)[],
  problems: InputProblem[],
): readonly Growing[] {
  return sizes.flatMap((sizeMiB, index) => {
    if (sizeMiB === undefined) return []
    const field = `diskSizesMiB[${index}]`
    const disk = disks[index]
    const wrong = wholeNumberProblems(field, sizeMiB, 1)
    if (!disk) wrong.push({ field, problem: `the machine has ${disks.length} disks` })
    else if (sizeMiB < disk.sizeMiB) wrong.push({ field, problem: `a disk of ${disk.sizeMiB} MiB does not shrink` })
    problems.push(...wrong)
    return wrong.length > 0 || sizeMiB === disk?.sizeMiB ? [] : [{ index, sizeMiB }]
  })
}

function checkGrowth(
  { hardware }: FoundMachine,
  site: Site,
  disk: { readonly sizeMiB: number; readonly provisioning: 'thin' | 'thick' },
  index: number,
  sizeMiB: number,
): void {
  const { file } = hardware.disks[index]!
  const pool = file === undefined ? undefined : poolAt(site.pools, file)
  if (!pool) return
  const more = sizeMiB - disk.sizeMiB
  const isTooMuch = disk.provisioning === 'thick' ? more > pool.freeMiB : sizeMiB > pool.capacityMiB
  if (isTooMuch) throw datastoreFull(pool.name, pool.freeMiB, Math.max(more, pool.freeMiB + 1))
}
