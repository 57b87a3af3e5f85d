import {
  type CloneSpec,
  type DiskSpec,
  type InputProblem,
  type MachineSpec,
  type NicSpec,
  type Placement,
  invalidInput,
  isVirtkitError,
  parseMac,
} from '@virtkit/spi'
import { fitsXml } from '../client/xml.ts'
import { datastoreFull, hostResources, throwProblems } from '../errors.ts'
import { type Pool, type Site, defaultPool, usablePools } from './site.ts'

const mostDisks = 20

export interface PlannedDisk {
  readonly sizeMiB: number
  readonly provisioning: 'thin' | 'thick'
  readonly pool: Pool
}

/** Throws `INVALID_INPUT` unless it can be an ownership mark. */
export function checkKey(key: unknown): void {
  if (typeof key === 'string' && /^[A-Za-z0-9._:-]{1,80}$/.test(key)) return
  throw invalidInput([{ field: 'key', problem: 'must be 1 to 80 characters of A-Z a-z 0-9 . _ : -' }])
}

/** Reads what was asked for against what there is. Throws `INVALID_INPUT` with every problem, then `HOST_RESOURCES`, then `DATASTORE_FULL`. */
export function checkSpec(
  site: Site,
  spec: MachineSpec,
  more: readonly InputProblem[],
): { disks: readonly PlannedDisk[]; nics: readonly NicSpec[] } {
  const problems: InputProblem[] = [
    ...nameProblems(spec.name),
    ...wholeNumberProblems('cpus', spec.cpus, 1),
    ...wholeNumberProblems('memoryMiB', spec.memoryMiB, 1),
    ...more,
  ]
  if (spec.firmware !== 'bios' && spec.firmware !== 'uefi') {
    problems.push({ field: 'firmware', problem: "must be 'bios' or 'uefi'" })
  }
  for (const field of ['notes', 'guestOs'] as const) {
    const text = spec[field]
    if (text !== undefined && !(typeof text === 'string' && fitsXml(text))) {
      problems.push({ field, problem: 'holds a character that libvirt cannot keep' })
    }
  }
  const pool = checkPlacement(site, spec.placement ?? {}, problems)
  const disks = readDisks(site, spec.disks, pool, problems)
  const nics = readNics(site, spec.nics, problems)
  throwProblems(problems)
  checkMemory(site, spec.memoryMiB)
  checkRoom(disks)
  return { disks, nics }
}

/** As `checkSpec`, for what a clone may ask for. */
export function checkClone(site: Site, spec: CloneSpec): { pool: Pool; nics: readonly NicSpec[] } {
  const problems: InputProblem[] = [...nameProblems(spec.name)]
  for (const field of ['cpus', 'memoryMiB', 'diskSizeMiB'] as const) {
    if (spec[field] !== undefined) problems.push(...wholeNumberProblems(field, spec[field], 1))
  }
  const pool = checkPlacement(site, spec.placement ?? {}, problems)
  const nics = readNics(site, spec.nics, problems)
  throwProblems(problems)
  if (spec.memoryMiB !== undefined) checkMemory(site, spec.memoryMiB)
  return { pool: pool!, nics }
}

export function nameProblems(name: unknown): InputProblem[] {
  const length = typeof name === 'string' ? [...name].length : -1
  if (length < 1 || length > 80) return [{ field: 'name', problem: 'must be a text of 1 to 80 characters' }]
  if (!fitsXml(name as string)) return [{ field: 'name', problem: 'holds a character that libvirt cannot keep' }]
  return []
}

export function wholeNumberProblems(field: string, value: unknown, least: number): InputProblem[] {
  if (Number.isSafeInteger(value) && (value as number) >= least) return []
  return [{ field, problem: `must be a whole number of at least ${least}` }]
}

/** Checks network cards and writes their addresses the one way that is compared. */
export function readNics(site: Pick<Site, 'networks'>, nics: readonly NicSpec[], problems: InputProblem[]): NicSpec[] {
  if (!Array.isArray(nics)) {
    problems.push({ field: 'nics', problem: 'must be a list' })
    return []
  }
  const known = site.networks.map((network) => network.name)
  const seen = new Set<string>()
  return nics.map((nic: NicSpec, i) => {
    if (!known.includes(nic.network)) {
      const problem = `there is no network ${JSON.stringify(nic.network)}`
      problems.push({ field: `nics[${i}].network`, problem, hint: `known: ${known.join(', ')}` })
    }
    const mac = readMac(nic.mac, `nics[${i}].mac`, problems)
    if (seen.has(mac)) problems.push({ field: `nics[${i}].mac`, problem: `${mac} is there twice` })
    seen.add(mac)
    return { network: nic.network, mac }
  })
}

export function checkMemory(site: Site, memoryMiB: number): void {
  if (memoryMiB > site.memoryMiB) throw hostResources(site.host, site.memoryMiB, memoryMiB)
}

/** A thick disk needs its room now, a thin one must fit an empty pool. Throws `DATASTORE_FULL`. */
export function checkRoom(disks: readonly PlannedDisk[]): void {
  for (const [pool, members] of Map.groupBy(disks, (disk) => disk.pool)) {
    const thick = members.filter((disk) => disk.provisioning === 'thick').reduce((sum, disk) => sum + disk.sizeMiB, 0)
    const largest = Math.max(...members.map((disk) => disk.sizeMiB))
    if (thick > pool.freeMiB) throw datastoreFull(pool.name, pool.freeMiB, thick)
    if (largest > pool.capacityMiB) throw datastoreFull(pool.name, pool.freeMiB, largest)
  }
}

/** The pool that a placement means. */
export function checkPlacement(site: Site, placement: Placement, problems: InputProblem[]): Pool | undefined {
  const { datacenter, resourcePool, host, datastore } = placement
  if (datacenter !== undefined) problems.push(unknown('placement.datacenter', 'datacenter', datacenter, []))
  if (resourcePool !== undefined) problems.push(unknown('placement.resourcePool', 'resource pool', resourcePool, []))
  if (host !== undefined && host !== site.host) problems.push(unknown('placement.host', 'host', host, [site.host]))
  return poolNamed(site, datastore, 'placement.datastore', problems)
}

export function poolNamed(
  site: Pick<Site, 'pools'>,
  name: string | undefined,
  field: string,
  problems: InputProblem[],
): Pool | undefined {
  const usable = usablePools(site)
  const pool = name === undefined ? defaultPool(site) : usable.find((each) => each.name === name)
  if (pool) return pool
  const there = site.pools.find((each) => each.name === name)
  if (there) {
    const problem = there.isActive ? `the pool ${name} holds no files (${there.type})` : `the pool ${name} is not active`
    problems.push({ field, problem, hint: 'name an active pool of type dir, fs or netfs' })
  } else if (name === undefined) {
    problems.push({ field, problem: 'there is no active pool of type dir, fs or netfs', hint: 'make one with virsh' })
  } else
    problems.push(
      unknown(
        field,
        'datastore',
        name,
        usable.map((each) => each.name),
      ),
    )
  return undefined
}

function readDisks(
  site: Site,
  disks: readonly DiskSpec[],
  pool: Pool | undefined,
  problems: InputProblem[],
): PlannedDisk[] {
  if (!Array.isArray(disks) || disks.length > mostDisks) {
    problems.push({ field: 'disks', problem: `must be a list of at most ${mostDisks}` })
    return []
  }
  return disks.flatMap((disk: DiskSpec, i) => {
    problems.push(...wholeNumberProblems(`disks[${i}].sizeMiB`, disk.sizeMiB, 1))
    if (disk.provisioning !== 'thin' && disk.provisioning !== 'thick') {
      problems.push({ field: `disks[${i}].provisioning`, problem: "must be 'thin' or 'thick'" })
    }
    const own = disk.datastore === undefined ? pool : poolNamed(site, disk.datastore, `disks[${i}].datastore`, problems)
    return own ? [{ sizeMiB: disk.sizeMiB, provisioning: disk.provisioning, pool: own }] : []
  })
}

function readMac(mac: string, field: string, problems: InputProblem[]): string {
  try {
    return parseMac(String(mac), field)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    problems.push(...error.details.problems)
    return field
  }
}

function unknown(field: string, what: string, name: string, known: readonly string[]): InputProblem {
  const problem = `there is no ${what} ${JSON.stringify(name)}`
  return { field, problem, hint: known.length > 0 ? `known: ${known.join(', ')}` : `libvirt has no ${what}s; leave it out` }
}
