import { randomBytes } from 'node:crypto'
import type { Libvirt, Volume } from '../client/libvirt.ts'
import { saysNo } from '../errors.ts'
import { type Pool, usablePools } from '../machines/site.ts'

/**
 * libvirt cannot rename a volume, and shows one that is being written. So the name of an image's file says how large it is when it is
 * whole: `debian.mfq3k2-1a4.9f02.iso` is version `mfq3k2` of `debian.iso` with 0x1a4 bytes. What is smaller is being written, or was
 * left behind; nobody sees it. An image that somebody else put there under its plain name is taken as it is.
 */
export interface MediaFile {
  readonly name: string
  readonly volume: Volume
  readonly pool: Pool
  readonly sizeBytes: number
  /** When it was begun; 0 for one that somebody else put there. */
  readonly begunAt: number
  readonly isWhole: boolean
}

const versioned = /^(?<stem>.+)\.(?<begun>[0-9a-z]{8,9})-(?<size>[0-9a-f]+)\.[0-9a-f]{8}\.iso$/

export function newFileName(name: string, sizeBytes: number, now: number): string {
  const version = `${now.toString(36)}-${sizeBytes.toString(16)}.${randomBytes(4).toString('hex')}`
  return `${name.slice(0, -'.iso'.length)}.${version}.iso`
}

/** All files of an image, the newest first. */
export async function mediaFiles(libvirt: Libvirt, pool: Pool, name: string): Promise<readonly MediaFile[]> {
  const volumes = (await libvirt.volumes(pool)).filter((volume) => plainName(volume.name) === name)
  const files = await Promise.all(volumes.map((volume) => readFile(libvirt, pool, volume)))
  return files.filter((file) => file !== undefined).toSorted((a, b) => b.begunAt - a.begunAt)
}

/** The newest whole file of an image, where it is looked for. */
export async function findMedium(libvirt: Libvirt, pools: readonly Pool[], name: string): Promise<MediaFile | undefined> {
  const found = await Promise.all(pools.map((pool) => mediaFiles(libvirt, pool, name)))
  return found
    .flat()
    .filter((file) => file.isWhole)
    .toSorted((a, b) => b.begunAt - a.begunAt)[0]
}

/** The file of a ref (`pool/volume`), when it is there. */
export async function mediumAt(libvirt: Libvirt, pools: readonly Pool[], ref: string): Promise<MediaFile | undefined> {
  const [poolName = '', ...rest] = ref.split('/')
  const pool = usablePools({ pools }).find((each) => each.name === poolName)
  if (!pool || rest.length !== 1 || !rest[0]!.endsWith('.iso')) return undefined
  try {
    return await readFile(libvirt, pool, await libvirt.volume(pool, rest[0]!))
  } catch (error) {
    if (saysNo(error, 'noVolume')) return undefined
    throw error
  }
}

/** The path of a whole image. */
export async function mediumFile(libvirt: Libvirt, pools: readonly Pool[], ref: string): Promise<string | undefined> {
  const file = await mediumAt(libvirt, pools, ref)
  return file?.isWhole ? file.volume.key : undefined
}

function plainName(file: string): string {
  const { stem } = versioned.exec(file)?.groups ?? {}
  return stem === undefined ? file : `${stem}.iso`
}

async function readFile(libvirt: Libvirt, pool: Pool, volume: Volume): Promise<MediaFile | undefined> {
  try {
    const { capacity } = await libvirt.volumeInfo(volume)
    const { begun, size } = versioned.exec(volume.name)?.groups ?? {}
    const sizeBytes = size === undefined ? capacity : Number.parseInt(size, 16)
    return {
      name: plainName(volume.name),
      volume,
      pool,
      sizeBytes,
      begunAt: begun === undefined ? 0 : Number.parseInt(begun, 36),
      isWhole: capacity === sizeBytes,
    }
  } catch (error) {
    // Gone between the list and the look.
    if (saysNo(error, 'noVolume')) return undefined
    throw error
  }
}
