import { type CloneSpec, type MachineInfo, type TemplateOperations, invalidInput, notFound } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { xml } from '../client/xml.ts'
import { conflict } from '../errors.ts'
import { powerOf } from '../machines/hardware.ts'
import { checkClone, checkKey, checkRoom } from '../machines/input.ts'
import { type FoundMachine, describe, findByKey, findMachine, getOwned, read, unlessGone } from '../machines/look.ts'
import { type FilePlan, diskName, diskXml, makeMachine } from '../machines/make.ts'
import { type Pool, readPools, readSite } from '../machines/site.ts'
import { writeMark } from '../machines/write-mark.ts'
import { buildSeed } from '../seed/nocloud.ts'
import type { Session } from '../session.ts'

const bytesPerMiB = 1024 ** 2

export function templateOperations(session: Session): TemplateOperations {
  const { userNetwork } = session.options
  return {
    list: (call) =>
      session.perform(call, async (libvirt) => {
        const [host, pools, domains] = await Promise.all([libvirt.hostname(), readPools(libvirt), libvirt.domains()])
        const found = domains.map((domain) =>
          unlessGone(async () => {
            const machine = await read(libvirt, domain)
            return machine.hardware.mark.isTemplate ? describe(libvirt, machine, { host, pools }, userNetwork) : undefined
          }),
        )
        return (await Promise.all(found)).filter((info): info is MachineInfo => info !== undefined)
      }),
    register: (owned, call) =>
      session.perform(call, async (libvirt) => {
        const found = await getOwned(libvirt, owned)
        const { mark } = found.hardware
        if (mark.isTemplate) return
        if (powerOf(await libvirt.domainState(found.domain)) !== 'off') {
          throw conflict('A running machine does not become a template.', 'power', 'switch it off first')
        }
        await writeMark(libvirt, found, { ...mark, isTemplate: true })
      }),
    clone: (ref, spec, call) =>
      session.perform(call, async (libvirt, deed) => {
        checkKey(call.key)
        const site = await readSite(libvirt, userNetwork, true)
        const there = await findByKey(libvirt, call.key)
        if (there && !there.hardware.mark.isIncomplete) return describe(libvirt, there, site, userNetwork)
        const template = await findMachine(libvirt, ref)
        if (!template?.hardware.mark.isTemplate) throw notFound('template', ref)
        const info = await describe(libvirt, template, site, userNetwork)
        const { pool, nics } = checkClone(site, spec)
        const sizes = diskSizes(info, spec)
        checkRoom(sizes.map((sizeMiB) => ({ sizeMiB, provisioning: 'thin', pool })))
        const { customisation } = spec
        return makeMachine(session, libvirt, deed, site, {
          key: call.key,
          accel: await session.accel(libvirt, deed),
          mark: {
            key: call.key,
            name: spec.name,
            ...(info.guestOs !== undefined && { guestOs: info.guestOs }),
            isTemplate: false,
            isIncomplete: true,
            disks: sizes.map((sizeMiB) => ({ sizeMiB, provisioning: 'thin' })),
          },
          cpus: spec.cpus ?? info.cpus,
          memoryMiB: spec.memoryMiB ?? info.memoryMiB,
          firmware: info.firmware,
          nics,
          ...(userNetwork !== undefined && { userNetwork }),
          files: (uuid) => ({
            disks: sizes.map((sizeMiB, i) => copiedDisk(uuid, template, i, pool, sizeMiB)),
            ...(customisation && { seed: seedFile(uuid, pool, buildSeed(uuid, customisation, nics)) }),
          }),
        })
      }),
  }
}

function diskSizes(template: MachineInfo, { diskSizeMiB }: CloneSpec): readonly number[] {
  const [first, ...others] = template.disks.map((disk) => disk.sizeMiB)
  if (first === undefined) return []
  if (diskSizeMiB !== undefined && diskSizeMiB < first) {
    throw invalidInput([{ field: 'diskSizeMiB', problem: `must be at least the template's ${first}` }])
  }
  return [diskSizeMiB ?? first, ...others]
}

function copiedDisk(uuid: string, { hardware }: FoundMachine, index: number, pool: Pool, sizeMiB: number): FilePlan {
  const name = diskName(uuid, index)
  const source = hardware.disks[index]?.file ?? ''
  const settle = async (libvirt: Libvirt): Promise<void> =>
    libvirt.resizeVolume(await libvirt.volume(pool, name), sizeMiB * bytesPerMiB)
  return {
    pool,
    name,
    make: async (libvirt) => {
      const from = await libvirt.volumeAt(source)
      const { capacity } = await libvirt.volumeInfo(from)
      await libvirt.copyVolume(pool, diskXml(name, Math.ceil(capacity / bytesPerMiB)), from)
      await settle(libvirt)
    },
    settle,
  }
}

function seedFile(uuid: string, pool: Pool, image: Buffer): FilePlan {
  const name = `virtkit-${uuid}-seed.iso`
  const settle = async (libvirt: Libvirt): Promise<void> => {
    const bytes = async function* () {
      yield image
    }
    await libvirt.upload(await libvirt.volume(pool, name), image.length, bytes())
  }
  return {
    pool,
    name,
    make: async (libvirt) => {
      const size = xml('capacity', { unit: 'bytes' }, image.length)
      const target = xml('target', {}, xml('format', { type: 'raw' }))
      await libvirt.createVolume(pool, xml('volume', {}, xml('name', {}, name), size, target).toString())
      await settle(libvirt)
    },
    settle,
  }
}
