import type { Procedure } from './procedures.ts'
import { type XdrReader, XdrWriter } from './xdr.ts'

export interface Domain {
  readonly name: string
  readonly uuid: string
  readonly id: number
}

export interface Named {
  readonly name: string
  readonly uuid: string
}

export interface Volume {
  readonly pool: string
  readonly name: string
  /** With files, the path. */
  readonly key: string
}

export interface Snapshot {
  readonly name: string
  readonly domain: Domain
}

/** How calls get to libvirt. */
export interface Caller {
  call(procedure: Procedure, body?: XdrWriter): Promise<XdrReader>
  upload(procedure: Procedure, body: XdrWriter, content: AsyncIterable<Uint8Array>): Promise<void>
  download(procedure: Procedure, body: XdrWriter): Promise<Buffer>
}

export const flags = {
  xmlInactive: 2,
  affectLive: 1,
  affectConfig: 2,
  forceDevice: 4,
  /** Saved memory, snapshots' and checkpoints' descriptions, NVRAM and TPM go with the domain. */
  undefineAll: 55,
  resizeInBytes: 1,
  preallocate: 1,
  snapshotRedefine: 1,
  snapshotCurrent: 2,
  snapshotChildren: 1,
  snapshotMetadataOnly: 2,
  snapshotsParentsFirst: 1024,
  autoDestroy: 2,
} as const

/** The calls that we need, in libvirt's words and with its types. Sizes are bytes, memory is KiB. */
export class Libvirt {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async nodeInfo(): Promise<{ readonly memoryKiB: number; readonly cpus: number }> {
    const answer = await this.#caller.call('nodeInfo')
    // The model's 32 characters are four bytes each.
    answer.opaque(128)
    return { memoryKiB: answer.uint64(), cpus: answer.int() }
  }

  async hostname(): Promise<string> {
    return (await this.#caller.call('hostname')).string()
  }

  /** 9002003 is 9.2.3. */
  async versions(): Promise<{ readonly libvirt: number; readonly hypervisor: number }> {
    const [libvirt, hypervisor] = await Promise.all([this.#caller.call('libVersion'), this.#caller.call('version')])
    return { libvirt: libvirt.uint64(), hypervisor: hypervisor.uint64() }
  }

  async domainCapabilities(kind: 'kvm' | 'qemu'): Promise<string> {
    const body = new XdrWriter().optionalString(undefined).optionalString('x86_64').optionalString(undefined)
    return (await this.#caller.call('domainCapabilities', body.optionalString(kind).uint(0))).string()
  }

  async domains(): Promise<readonly Domain[]> {
    const answer = await this.#caller.call('domains', new XdrWriter().int(1).uint(0))
    return answer.list(() => readDomain(answer))
  }

  async domain(uuid: string): Promise<Domain> {
    return readDomain(await this.#caller.call('domainByUuid', new XdrWriter().opaque(uuidBytes(uuid))))
  }

  async domainXml(domain: Domain, flag: number = flags.xmlInactive): Promise<string> {
    return (await this.#caller.call('domainXml', onDomain(domain).uint(flag))).string()
  }

  /** 1 running, 2 blocked, 3 paused, 4 shutting down, 5 off, 6 crashed, 7 asleep. */
  async domainState(domain: Domain): Promise<number> {
    return (await this.#caller.call('domainState', onDomain(domain).uint(0))).int()
  }

  async define(xml: string): Promise<Domain> {
    return readDomain(await this.#caller.call('domainDefine', new XdrWriter().string(xml).uint(0)))
  }

  /** A domain that is gone when it stops, and when this connection ends. */
  async runTransient(xml: string): Promise<Domain> {
    return readDomain(await this.#caller.call('domainCreateXml', new XdrWriter().string(xml).uint(flags.autoDestroy)))
  }

  async undefine(domain: Domain, flag: number = flags.undefineAll): Promise<void> {
    await this.#caller.call('domainUndefine', onDomain(domain).uint(flag))
  }

  async start(domain: Domain): Promise<void> {
    await this.#caller.call('domainStart', onDomain(domain).uint(0))
  }

  async resume(domain: Domain): Promise<void> {
    await this.#caller.call('domainResume', onDomain(domain))
  }

  async pullPlug(domain: Domain): Promise<void> {
    await this.#caller.call('domainDestroy', onDomain(domain).uint(0))
  }

  async shutdown(domain: Domain): Promise<void> {
    await this.#caller.call('domainShutdown', onDomain(domain).uint(0))
  }

  async setMetadata(domain: Domain, uri: string, prefix: string, xml: string, flag: number): Promise<void> {
    const body = onDomain(domain).int(2).optionalString(xml).optionalString(prefix).optionalString(uri)
    await this.#caller.call('domainSetMetadata', body.uint(flag))
  }

  async updateDevice(domain: Domain, xml: string, flag: number): Promise<void> {
    await this.#caller.call('domainUpdateDevice', onDomain(domain).string(xml).uint(flag))
  }

  async blockCapacity(domain: Domain, disk: string): Promise<number> {
    const answer = await this.#caller.call('domainBlockInfo', onDomain(domain).string(disk).uint(0))
    answer.uint64()
    return answer.uint64()
  }

  async blockResize(domain: Domain, disk: string, bytes: number): Promise<void> {
    const body = onDomain(domain).string(disk).uint64(bytes)
    await this.#caller.call('domainBlockResize', body.uint(flags.resizeInBytes))
  }

  /** From the DHCP server (0), the guest's agent (1) or the host's neighbours (2). */
  async addresses(domain: Domain, source: 0 | 1 | 2): Promise<readonly string[]> {
    const answer = await this.#caller.call('domainAddresses', onDomain(domain).uint(source).uint(0))
    const interfaces = answer.list(() => {
      answer.string()
      answer.optionalString()
      return answer.list(() => {
        answer.int()
        const address = answer.string()
        answer.uint()
        return address
      })
    })
    return interfaces.flat()
  }

  async freeze(domain: Domain): Promise<void> {
    await this.#caller.call('domainFreeze', onDomain(domain).uint(0).uint(0))
  }

  async thaw(domain: Domain): Promise<void> {
    await this.#caller.call('domainThaw', onDomain(domain).uint(0).uint(0))
  }

  async snapshots(domain: Domain): Promise<readonly Snapshot[]> {
    const answer = await this.#caller.call('snapshots', onDomain(domain).int(1).uint(flags.snapshotsParentsFirst))
    return answer.list(() => readSnapshot(answer))
  }

  async snapshot(domain: Domain, name: string): Promise<Snapshot> {
    return readSnapshot(await this.#caller.call('snapshotByName', onDomain(domain).string(name).uint(0)))
  }

  async snapshotXml(snapshot: Snapshot): Promise<string> {
    return (await this.#caller.call('snapshotXml', onSnapshot(snapshot).uint(0))).string()
  }

  async createSnapshot(domain: Domain, xml: string, flag: number = 0): Promise<Snapshot> {
    return readSnapshot(await this.#caller.call('snapshotCreate', onDomain(domain).string(xml).uint(flag)))
  }

  /** The name of the one that is current, if any is. */
  async currentSnapshot(domain: Domain): Promise<string | undefined> {
    const has = await this.#caller.call('snapshotHasCurrent', onDomain(domain).uint(0))
    if (has.int() === 0) return undefined
    return readSnapshot(await this.#caller.call('snapshotCurrent', onDomain(domain).uint(0))).name
  }

  async revert(snapshot: Snapshot): Promise<void> {
    await this.#caller.call('snapshotRevert', onSnapshot(snapshot).uint(0))
  }

  async deleteSnapshot(snapshot: Snapshot, flag: number): Promise<void> {
    await this.#caller.call('snapshotDelete', onSnapshot(snapshot).uint(flag))
  }

  async pools(): Promise<readonly Named[]> {
    const answer = await this.#caller.call('pools', new XdrWriter().int(1).uint(0))
    return answer.list(() => readNamed(answer))
  }

  async pool(name: string): Promise<Named> {
    return readNamed(await this.#caller.call('poolByName', new XdrWriter().string(name)))
  }

  async poolXml(pool: Named): Promise<string> {
    return (await this.#caller.call('poolXml', onNamed(pool).uint(0))).string()
  }

  /** State 2 is running. */
  async poolInfo(pool: Named): Promise<{ readonly state: number; readonly capacity: number; readonly available: number }> {
    const answer = await this.#caller.call('poolInfo', onNamed(pool))
    const state = answer.int()
    const capacity = answer.uint64()
    answer.uint64()
    return { state, capacity, available: answer.uint64() }
  }

  async refreshPool(pool: Named): Promise<void> {
    await this.#caller.call('poolRefresh', onNamed(pool).uint(0))
  }

  async volumes(pool: Named): Promise<readonly Volume[]> {
    const answer = await this.#caller.call('poolVolumes', onNamed(pool).int(1).uint(0))
    return answer.list(() => readVolume(answer))
  }

  async volume(pool: Named, name: string): Promise<Volume> {
    return readVolume(await this.#caller.call('volumeByName', onNamed(pool).string(name)))
  }

  async volumeAt(path: string): Promise<Volume> {
    return readVolume(await this.#caller.call('volumeByPath', new XdrWriter().string(path)))
  }

  async volumeInfo(volume: Volume): Promise<{ readonly capacity: number; readonly allocation: number }> {
    const answer = await this.#caller.call('volumeInfo', onVolume(volume))
    answer.int()
    return { capacity: answer.uint64(), allocation: answer.uint64() }
  }

  async createVolume(pool: Named, xml: string, flag: number = 0): Promise<Volume> {
    return readVolume(await this.#caller.call('volumeCreate', onNamed(pool).string(xml).uint(flag)))
  }

  async copyVolume(pool: Named, xml: string, from: Volume): Promise<Volume> {
    const body = writeVolume(onNamed(pool).string(xml), from)
    return readVolume(await this.#caller.call('volumeCreateFrom', body.uint(0)))
  }

  async resizeVolume(volume: Volume, bytes: number): Promise<void> {
    await this.#caller.call('volumeResize', onVolume(volume).uint64(bytes).uint(0))
  }

  async deleteVolume(volume: Volume): Promise<void> {
    await this.#caller.call('volumeDelete', onVolume(volume).uint(0))
  }

  async upload(volume: Volume, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#caller.upload('volumeUpload', onVolume(volume).uint64(0).uint64(bytes).uint(0), content)
  }

  /** All of it is held in memory. */
  async download(volume: Volume, from: number, bytes: number): Promise<Buffer> {
    return this.#caller.download('volumeDownload', onVolume(volume).uint64(from).uint64(bytes).uint(0))
  }

  async networks(): Promise<readonly Named[]> {
    const answer = await this.#caller.call('networks', new XdrWriter().int(1).uint(0))
    return answer.list(() => readNamed(answer))
  }

  async networkXml(network: Named): Promise<string> {
    return (await this.#caller.call('networkXml', onNamed(network).uint(0))).string()
  }
}

function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  return bytes.length === 16 ? bytes : Buffer.alloc(16)
}

function readUuid(reader: XdrReader): string {
  const hex = reader.opaque(16).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function readDomain(reader: XdrReader): Domain {
  return { name: reader.string(), uuid: readUuid(reader), id: reader.int() }
}

function readNamed(reader: XdrReader): Named {
  return { name: reader.string(), uuid: readUuid(reader) }
}

function readVolume(reader: XdrReader): Volume {
  return { pool: reader.string(), name: reader.string(), key: reader.string() }
}

function readSnapshot(reader: XdrReader): Snapshot {
  return { name: reader.string(), domain: readDomain(reader) }
}

function onDomain({ name, uuid, id }: Domain): XdrWriter {
  return new XdrWriter().string(name).opaque(uuidBytes(uuid)).int(id)
}

function onNamed({ name, uuid }: Named): XdrWriter {
  return new XdrWriter().string(name).opaque(uuidBytes(uuid))
}

function onVolume(volume: Volume): XdrWriter {
  return writeVolume(new XdrWriter(), volume)
}

function writeVolume(writer: XdrWriter, { pool, name, key }: Volume): XdrWriter {
  return writer.string(pool).string(name).string(key)
}

function onSnapshot({ name, domain }: Snapshot): XdrWriter {
  return new XdrWriter().string(name).string(domain.name).opaque(uuidBytes(domain.uuid)).int(domain.id)
}
