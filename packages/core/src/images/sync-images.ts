import { createHash } from 'node:crypto'
import {
  type BootMedium,
  type Call,
  type Hypervisor,
  type MediaOperations,
  type OpenInstallMedia,
  type OsCatalog,
  VirtkitError,
  isVirtkitError,
  toVirtkitError,
} from '@virtkit/spi'
import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { BootServers } from '../installs/boot-servers.ts'
import { type OperationOf, defineOperation } from '../operations/operation-definition.ts'
import { imageNameOf, imageStemOf, isOfOneImage, originOf, replacedBy } from './image-rules.ts'
import type { ImageStatus } from './images.ts'

export interface SyncParts {
  readonly bootServers: BootServers
  readonly catalog: OsCatalog
  readonly connections: Connections
  readonly database: Database
  readonly events: Events
  readonly media: () => OpenInstallMedia
}

export interface SyncOfImages {
  readonly cluster: number
}

/** What the step found out, as it is kept with the operation. */
export type SyncOutputs = { readonly sync: { readonly images: readonly ImageStatus[] } }

/**
 * Brings the images that a cluster lacks and takes away those that were replaced. One at a time for each cluster, so that nobody
 * takes away what another has just brought; there is nothing to undo, and all of it may be done again.
 */
export function syncImages(parts: SyncParts): OperationOf<SyncOfImages> {
  return defineOperation<SyncOfImages>('sync-images').step('sync', {
    percent: 100,
    // Somebody waits for the answer.
    retries: 2,
    run: async ({ input: { cluster }, call }) => {
      const images = await onHypervisor(parts.connections, cluster, call, async (hypervisor) => {
        const media = mediaOf(hypervisor)
        const brought: ImageStatus[] = []
        for (const { id } of parts.catalog.list()) {
          const image = await bring(parts, media, cluster, id, call)
          if (image) brought.push(image)
        }
        await takeAway(parts, media, cluster, brought, call)
        return brought
      })
      const count = (status: ImageStatus['status']): number => images.filter((image) => image.status === status).length
      const data = { uploaded: count('uploaded'), present: count('present'), failed: count('failed') }
      return {
        output: { images },
        commit: (queries) =>
          parts.events.append(queries, { type: 'cluster.images-synchronized', subject: `cluster/${cluster}`, data }),
      }
    },
  })
}

/** What became of the image of a system; nothing for one that has none. */
async function bring(
  parts: SyncParts,
  media: MediaOperations,
  clusterKey: number,
  os: string,
  call: Call,
): Promise<ImageStatus | undefined> {
  let name = imageStemOf(os)
  try {
    const found = await imageOf(parts, clusterKey, os, call)
    if (!found) return undefined
    const { image, origin } = found
    name = imageNameOf(os, await sha256Of(image))
    await parts.database.queries
      .insertInto('clusterImages')
      .values({ clusterKey, name, os, origin })
      .onConflict((known) => known.columns(['clusterKey', 'name']).doNothing())
      .execute()
    const there = await media.find({ name }, call)
    if (there?.sizeBytes === image.sizeBytes) return { os, name, status: 'present' }
    await media.upload({ name, sizeBytes: image.sizeBytes, content: () => image.content() }, call)
    return { os, name, status: 'uploaded' }
  } catch (thrown) {
    const error = toVirtkitError(thrown)
    if (call.signal.aborted || !isOfOneImage(error)) throw error
    return { os, name, status: 'failed', reason: error.message }
  }
}

/** The image that the cluster is to have. Processes that serve at several places agree on one of them. */
async function imageOf(
  { bootServers, database, media }: SyncParts,
  clusterKey: number,
  os: string,
  call: Call,
): Promise<{ image: BootMedium; origin: string } | undefined> {
  const opened = media()
  if (!opened.image) {
    throw new VirtkitError('UNSUPPORTED', 'These install media have no boot images.', { details: { feature: 'image' } })
  }
  const rows = await database.queries
    .selectFrom('clusterImages')
    .select('origin')
    .distinct()
    .where('clusterKey', '=', clusterKey)
    .where('os', '=', os)
    .orderBy('origin')
    .execute()
  const served: string[] = []
  for (const { origin } of rows) if (await bootServers.isServed(origin)) served.push(origin)
  const origin = originOf(opened.origin, served)
  try {
    return { image: await opened.image(os, origin, call), origin }
  } catch (error) {
    if (isVirtkitError(error, 'UNSUPPORTED')) return undefined
    throw error
  }
}

async function takeAway(
  { database }: SyncParts,
  media: MediaOperations,
  clusterKey: number,
  images: readonly ImageStatus[],
  call: Call,
): Promise<void> {
  const known = await database.queries
    .selectFrom('clusterImages')
    .select(['os', 'name'])
    .where('clusterKey', '=', clusterKey)
    .execute()
  for (const { name } of replacedBy(images, known)) {
    try {
      const medium = await media.find({ name }, call)
      if (medium) await media.remove(medium.ref, call)
    } catch (thrown) {
      const error = toVirtkitError(thrown)
      if (call.signal.aborted || !isOfOneImage(error)) throw error
      // It is in a drive, perhaps. The row stays, so the next time tries again.
      continue
    }
    await database.queries
      .deleteFrom('clusterImages')
      .where('clusterKey', '=', clusterKey)
      .where('name', '=', name)
      .execute()
  }
}

async function sha256Of(image: BootMedium): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of image.content()) hash.update(chunk)
  return hash.digest('hex')
}

function mediaOf({ media, about }: Hypervisor): MediaOperations {
  if (media) return media
  throw new VirtkitError('UNSUPPORTED', `${about.product} takes no images.`, { details: { feature: 'media' } })
}
