import { randomBytes } from 'node:crypto'
import { type MediumUpload, type Progress, VirtkitError } from '@virtkit/spi'
import { closeAgent, createAgent, exchange } from '../client/soap/http-exchange.ts'
import { TransportFailure, VimFault } from '../client/soap/vim-fault.ts'
import { datastoreFull } from '../errors.ts'
import { freeMiB } from '../places/choose-place.ts'
import type { Place, Places } from '../places/places.ts'
import type { Session, Work } from '../session.ts'
import { partName, removeLeftovers } from './remove-leftovers.ts'

export interface Upload {
  readonly work: Work
  readonly session: Session
  readonly places: Places
  readonly store: Place
  readonly folder: string
  /** Ids of the datastores that were rid of what dead uploads left. */
  readonly swept: Set<string>
  readonly image: MediumUpload
  readonly onProgress: ((progress: Progress) => void) | undefined
}

/** Without a byte that moves. */
const stalledMs = 60_000
const cleanUpMs = 30_000

/**
 * Streams a file to a datastore.
 *
 * Promises: nobody sees a part of it: it has another name until it is whole; a failed upload takes that away again.
 */
export async function uploadFile(upload: Upload): Promise<void> {
  const { work, session, places, store, folder, image } = upload
  const datacenter = places.datacenterOf(store)
  const askedMiB = Math.ceil(image.sizeBytes / 1024 / 1024)
  if (askedMiB > freeMiB(store)) throw datastoreFull(store.name, freeMiB(store), askedMiB)
  await makeFolder(upload)
  await sweepOnce(upload)
  const temporary = `${folder}/${partName(randomBytes(9).toString('hex'))}`
  const written = (path: string): string => `[${store.name}] ${path}`
  const files = work.client.service('fileManager')
  try {
    await put(upload, temporary)
    await work.task('MoveDatastoreFile_Task', files, {
      sourceName: written(temporary),
      sourceDatacenter: datacenter?.ref,
      destinationName: written(`${folder}/${image.name}`),
      destinationDatacenter: datacenter?.ref,
      force: true,
    })
  } catch (error) {
    // Whoever aborted does not wait for it; the end of the session does.
    const fields = { name: written(temporary), datacenter: datacenter?.ref }
    const gone = work.client.call('DeleteDatastoreFile_Task', files, fields, { signal: AbortSignal.timeout(cleanUpMs) })
    session.inBackground(gone)
    throw error
  }
}

async function makeFolder({ work, places, store, folder }: Upload): Promise<void> {
  const fields = {
    name: `[${store.name}] ${folder}`,
    datacenter: places.datacenterOf(store)?.ref,
    createParentDirectories: true,
  }
  try {
    await work.read('MakeDirectory', work.client.service('fileManager'), fields)
  } catch (error) {
    if (!(error instanceof VimFault) || error.fault !== 'FileAlreadyExists') throw error
  }
}

/** Once in a session, by work of its own: what is wrong with it is no reason to refuse an upload. */
async function sweepOnce({ work, session, places, store, folder, swept }: Upload): Promise<void> {
  if (swept.has(store.ref.id)) return
  swept.add(store.ref.id)
  const sweep = session.perform({ signal: work.signal }, undefined, (own) => removeLeftovers(own, places, store, folder))
  await sweep.catch(() => undefined)
}

async function put({ work, places, store, image, onProgress }: Upload, path: string): Promise<void> {
  const { client } = work
  const { endpoint } = client
  const url = new URL(`/folder/${path.split('/').map(encodeURIComponent).join('/')}`, endpoint.url)
  const datacenter = places.datacenterOf(store)
  if (datacenter) url.searchParams.set('dcPath', places.pathOf(datacenter))
  url.searchParams.set('dsName', store.name)
  // A connection of its own: what is under way on it takes as long as it takes.
  const agent = createAgent(endpoint, 1)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': image.sizeBytes, cookie: client.cookie() }
  work.changes()
  try {
    const body = exactly(image, (percent) => onProgress?.({ percent }))
    const answer = await exchange({ agent, url, method: 'PUT', headers, body, signal: work.signal, timeoutMs: stalledMs })
    if (answer.status === 507) throw datastoreFull(store.name, freeMiB(store), Math.ceil(image.sizeBytes / 1024 / 1024))
    if (answer.status === 401 || answer.status === 403) {
      throw new VimFault('NoPermission', `HTTP ${answer.status}`, {
        privilegeId: 'Datastore.FileManagement',
        object: datacenter?.ref,
      })
    }
    if (answer.status < 200 || answer.status > 299) {
      throw new TransportFailure(`HTTP_${answer.status}`, true, `The server answered an upload with HTTP ${answer.status}.`)
    }
  } catch (error) {
    // Under its own name nothing is there yet.
    if (!work.signal.aborted) work.undone()
    throw error
  } finally {
    await closeAgent(agent)
  }
}

/** The content, which must be as long as it said. */
async function* exactly(image: MediumUpload, onProgress: (percent: number) => void): AsyncGenerator<Uint8Array> {
  let size = 0
  let told = -1
  try {
    for await (const chunk of image.content()) {
      size += chunk.length
      if (size > image.sizeBytes) throw wrongSize(`is longer than ${image.sizeBytes} bytes`)
      const percent = Math.floor((size / Math.max(image.sizeBytes, 1)) * 99)
      if (percent > told) onProgress(percent)
      told = percent
      yield chunk
    }
  } catch (error) {
    throw error instanceof VirtkitError ? error : wrongSize('could not be read', error)
  }
  if (size !== image.sizeBytes) throw wrongSize(`has ${size} bytes, not ${image.sizeBytes}`)
}

function wrongSize(problem: string, cause?: unknown): VirtkitError<'INVALID_INPUT'> {
  return new VirtkitError('INVALID_INPUT', `content: ${problem}`, {
    details: { problems: [{ field: 'content', problem }] },
    ...(cause === undefined ? {} : { cause }),
  })
}
