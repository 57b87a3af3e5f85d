import { type MediaOperations, type MediumInfo, invalidInput, notFound } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import { typed } from '../client/xml/write-xml.ts'
import { conflict } from '../errors.ts'
import { bootDriveFirst } from '../machines/create-machine.ts'
import { addDrive, changeDrive } from '../machines/device-changes.ts'
import { devicesOf, isoOf, keyOf } from '../machines/devices.ts'
import { getOwned } from '../machines/find-machine.ts'
import { bootsMedium, machineInfo, machinePaths } from '../machines/machine-view.ts'
import { mediumRef, parseMediumRef } from '../machines/medium-ref.ts'
import { datastoreOf, findFile, mediumProblems } from '../media/find-medium.ts'
import { uploadFile } from '../media/upload-file.ts'
import { defaultCompute, hostsOf, isWritable, reaches } from '../places/choose-place.ts'
import type { Place, Places } from '../places/places.ts'
import type { Context } from './context.ts'

export function mediaOperations({ session, book, maker, mediaFolder }: Context): MediaOperations {
  const swept = new Set<string>()
  const fileOf = (name: string, store: Place): string => `[${store.name}] ${mediaFolder}/${name}`
  const told = (places: Places, store: Place, name: string, sizeBytes: number): MediumInfo => {
    const ref = mediumRef(places.datacenterOf(store), fileOf(name, store))
    return { ref, name, sizeBytes, datastore: store.name }
  }
  return {
    upload: (image, call) => {
      const { name, sizeBytes } = image
      return session.perform(call, undefined, async (work) => {
        checkName(name)
        if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
          throw invalidInput([{ field: 'sizeBytes', problem: 'must be a whole number of at least 0' }])
        }
        const places = await book.places(work.signal)
        const store = storeNamed(places, maker.datacenter, image.datastore)
        await uploadFile({
          work,
          session,
          places,
          store,
          folder: mediaFolder,
          swept,
          image,
          onProgress: call.onProgress?.bind(call),
        })
        return told(places, store, name, sizeBytes)
      })
    },
    find: ({ name, datastore }, call) =>
      session.perform(call, undefined, async (work) => {
        checkName(name)
        const places = await book.places(work.signal)
        const store = storeNamed(places, maker.datacenter, datastore)
        const size = await findFile(work, store, mediaFolder, name)
        return size === undefined ? undefined : told(places, store, name, size)
      }),
    remove: (ref, call) =>
      session.perform(call, undefined, async (work) => {
        const places = await book.places(work.signal)
        const store = datastoreOf(places, ref)
        const medium = parseMediumRef(ref)
        if (!store || !medium) return
        const fields = { name: medium.file, datacenter: places.datacenterOf(store)?.ref }
        try {
          await work.task('DeleteDatastoreFile_Task', work.client.service('fileManager'), fields)
        } catch (error) {
          if (!(error instanceof VimFault)) throw error
          if (error.fault === 'FileNotFound') return
          if (!/^(FileLocked|ResourceInUse|CannotDeleteFile)$/.test(error.fault)) throw error
          work.undone()
          throw conflict(`${medium.path} is in the drive of a machine.`, 'medium', 'Eject it first.')
        }
      }),
    insert: (owned, ref, call) =>
      session.perform(call, { what: 'machine', id: owned.ref }, async (work) => {
        const found = await getOwned(work, owned, machinePaths)
        const places = await book.places(work.signal)
        const now = machineInfo(found, places)
        if (now.medium === ref && now.bootsFrom === 'medium') return
        if ((await mediumProblems(work, places, ref, 'ref')).length > 0) throw notFound('medium', ref)
        const { drive } = devicesOf(found.properties['config.hardware.device'])
        const iso = parseMediumRef(ref)?.file
        const deviceChange = drive === undefined ? addDrive(iso) : [changeDrive(drive, iso)]
        await work.task('ReconfigVM_Task', found.ref, { spec: { deviceChange, bootOptions: bootDriveFirst() } })
      }),
    eject: (owned, call) =>
      session.perform(call, { what: 'machine', id: owned.ref }, async (work) => {
        const found = await getOwned(work, owned, machinePaths)
        const { drive, disks } = devicesOf(found.properties['config.hardware.device'])
        const isFull = drive !== undefined && isoOf(drive) !== undefined
        if (!isFull && !bootsMedium(found.properties['config.bootOptions'])) return
        const spec = {
          deviceChange: isFull ? [changeDrive(drive, undefined)] : undefined,
          bootOptions: { bootOrder: disks.slice(0, 1).map(bootDisk) },
        }
        await work.task('ReconfigVM_Task', found.ref, { spec })
      }),
  }
}

function bootDisk(disk: unknown): ReturnType<typeof typed> {
  return typed('VirtualMachineBootOptionsBootableDiskDevice', { deviceKey: keyOf(disk) })
}

function checkName(name: unknown): void {
  if (typeof name === 'string' && name.length <= 100 && /^[A-Za-z0-9._-]+\.iso$/.test(name) && !name.endsWith('\n')) return
  const hint = "write it like 'boot-1.iso'"
  throw invalidInput([
    {
      field: 'name',
      problem: 'must be one file name of A-Z a-z 0-9 . _ - that ends in .iso, at most 100 characters',
      hint,
    },
  ])
}

/** The datastore of that name; without one always the same: the first that most hosts reach. */
function storeNamed(places: Places, preferred: string | undefined, name: string | undefined): Place {
  const here = places.datastores()
  const datacenter = places.datacenters().find((each) => each.name === preferred) ?? places.datacenters()[0]
  if (name !== undefined) {
    const named = here.filter((each) => each.name === name)
    const found = named.find((each) => places.datacenterOf(each)?.ref.id === datacenter?.ref.id) ?? named[0]
    if (found) return found
    const hint = `known: ${here.map((each) => each.name).join(', ')}`
    throw invalidInput([{ field: 'datastore', problem: `there is no datastore ${JSON.stringify(name)}`, hint }])
  }
  const compute = defaultCompute(places, datacenter)
  const hosts = compute ? hostsOf(places, compute) : []
  const reached = here
    .filter((each) => isWritable(each) && hosts.some((host) => reaches(host, each)))
    .map((each) => ({ each, count: hosts.filter((host) => reaches(host, each)).length }))
    .toSorted((a, b) => b.count - a.count)
  const [first] = reached
  if (first) return first.each
  throw invalidInput([{ field: 'datastore', problem: 'there is no datastore that holds media', hint: 'name one' }])
}
