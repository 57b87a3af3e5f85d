import { type InputProblem, type MediaOperations, type MediumInfo, invalidInput, notFound } from '@virtkit/spi'
import { type Libvirt, flags } from '../client/libvirt.ts'
import { xml } from '../client/xml.ts'
import { conflict, datastoreFull, saysNo, throwProblems } from '../errors.ts'
import { changeMedium, drive, renderChanged } from '../machines/domain-xml.ts'
import { powerOf } from '../machines/hardware.ts'
import { poolNamed, wholeNumberProblems } from '../machines/input.ts'
import { type FoundMachine, getOwned, read, unlessGone } from '../machines/look.ts'
import { removeFile } from '../machines/make.ts'
import { readPools, usablePools } from '../machines/site.ts'
import type { Session } from '../session.ts'
import { exactBytes } from '../storage/exact-bytes.ts'
import { type MediaFile, findMedium, mediaFiles, mediumAt, mediumFile, newFileName } from '../storage/media-files.ts'

/** What was begun so long ago and is not whole was left behind. */
const leftBehindMs = 24 * 60 * 60_000

export function mediaOperations(session: Session): MediaOperations {
  return {
    upload: (image, call) =>
      session.perform(call, async (libvirt, deed) => {
        const { name, sizeBytes, datastore } = image
        const problems: InputProblem[] = [...nameProblems(name), ...wholeNumberProblems('sizeBytes', sizeBytes, 1)]
        const pool = poolNamed({ pools: await readPools(libvirt, true) }, datastore, 'datastore', problems)
        throwProblems(problems)
        const neededMiB = Math.ceil(sizeBytes / 1024 ** 2)
        if (neededMiB > pool!.freeMiB) throw datastoreFull(pool!.name, pool!.freeMiB, neededMiB)
        const file = newFileName(name, sizeBytes, Date.now())
        const empty = xml(
          'volume',
          {},
          xml('name', {}, file),
          xml('capacity', { unit: 'bytes' }, 0),
          xml('target', {}, xml('format', { type: 'raw' })),
        )
        const volume = await libvirt.createVolume(pool!, empty.toString())
        try {
          const tell = (percent: number): void => call.onProgress?.({ percent, text: 'uploading' })
          await libvirt.upload(volume, sizeBytes, exactBytes(image.content(), sizeBytes, deed.signal, tell))
        } catch (error) {
          await deed.undo(() => removeFile(libvirt, volume.key))
          throw error
        }
        call.onProgress?.({ percent: 100 })
        const [, ...older] = await mediaFiles(libvirt, pool!, name)
        await tidy(libvirt, older)
        return { ref: `${pool!.name}/${file}`, name, sizeBytes, datastore: pool!.name }
      }),
    find: ({ name, datastore }, call) =>
      session.perform(call, async (libvirt) => {
        const usable = usablePools({ pools: await readPools(libvirt) })
        const pools = datastore === undefined ? usable : usable.filter((pool) => pool.name === datastore)
        const file = await findMedium(libvirt, pools, name)
        return file && mediumInfo(file)
      }),
    remove: (ref, call) =>
      session.perform(call, async (libvirt) => {
        const pools = await readPools(libvirt)
        const file = await mediumAt(libvirt, pools, ref)
        if (!file) return
        const files = await mediaFiles(libvirt, file.pool, file.name)
        const used = await filesInDrives(libvirt)
        if (files.some((each) => used.has(each.volume.key))) {
          throw conflict(`The image ${file.name} is in a machine’s drive.`, 'ref', 'eject it first')
        }
        for (const each of files) await removeFile(libvirt, each.volume.key)
      }),
    insert: (owned, ref, call) =>
      session.perform(call, async (libvirt) => {
        const found = await getOwned(libvirt, owned)
        const file = await mediumFile(libvirt, await readPools(libvirt), ref)
        if (file === undefined) throw notFound('medium', ref)
        await changeDrive(libvirt, found, file)
      }),
    eject: (owned, call) =>
      session.perform(call, async (libvirt) => changeDrive(libvirt, await getOwned(libvirt, owned), undefined)),
  }
}

async function changeDrive(libvirt: Libvirt, found: FoundMachine, file: string | undefined): Promise<void> {
  const { drive: there, bootsFrom } = found.hardware
  if (!there) {
    if (file === undefined) return
    throw invalidInput([{ field: 'machine', problem: 'has no drive for media', hint: 'give it a SATA CD-ROM drive' }])
  }
  const isThere = there.file === file && bootsFrom === (file === undefined ? 'disk' : 'medium')
  if (!isThere) await libvirt.define(renderChanged(changeMedium(found.xml, there.target, file)))
  if (powerOf(await libvirt.domainState(found.domain)) === 'off') return
  // A guest may have locked its drive; it is opened all the same, as by the pin beside the button.
  await libvirt.updateDevice(found.domain, drive(there.target, file).toString(), flags.affectLive | flags.forceDevice)
}

/** Takes older versions of an image away, where no drive has them. */
async function tidy(libvirt: Libvirt, older: readonly MediaFile[]): Promise<void> {
  const old = older.filter((file) => file.isWhole || file.begunAt < Date.now() - leftBehindMs)
  if (old.length === 0) return
  const used = await filesInDrives(libvirt)
  for (const file of old) {
    if (used.has(file.volume.key)) continue
    try {
      await removeFile(libvirt, file.volume.key)
    } catch (error) {
      // Somebody reads it just now; the next upload takes it away.
      if (!saysNo(error, 'operationFailed', 'operationInvalid', 'busy')) throw error
    }
  }
}

async function filesInDrives(libvirt: Libvirt): Promise<ReadonlySet<string>> {
  const machines = (await libvirt.domains()).map((domain) => unlessGone(() => read(libvirt, domain)))
  return new Set((await Promise.all(machines)).flatMap((each) => each?.hardware.drive?.file ?? []))
}

function mediumInfo({ pool, volume, name, sizeBytes }: MediaFile): MediumInfo {
  return { ref: `${pool.name}/${volume.name}`, name, sizeBytes, datastore: pool.name }
}

function nameProblems(name: unknown): InputProblem[] {
  if (
    typeof name === 'string' &&
    name.length <= 100 &&
    /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.iso$/.test(name) &&
    !name.includes('\n')
  ) {
    return []
  }
  const problem = 'must be one file name of letters, digits, . _ - that ends in .iso, at most 100 characters'
  return [{ field: 'name', problem }]
}
