import { type MediaOperations, isVirtkitError, notFound } from '@virtkit/spi'
import { cancelled, unreadable } from '../errors.ts'
import type { Session } from '../session.ts'
import { mediaDatastore, mediumInfo, mediumRef, roomForUpload } from '../world/media.ts'
import type { MediumWriter } from '../world/media-store.ts'
import { conflict } from '../world/world-core.ts'
import type { MediumState } from '../world/world-state.ts'

export function mediaOperations(session: Session): MediaOperations {
  const { core } = session.simulator
  const { state } = core
  return {
    upload: (image, call) =>
      session.perform({
        method: 'media.upload',
        call,
        subject: { name: image.name },
        run: async (signal) => {
          const datastore = roomForUpload(state, image)
          const bytesId = core.nextId('iso')
          const writer = core.media.write(bytesId)
          try {
            await receive(image.content(), image.sizeBytes, writer, signal, call.onProgress?.bind(call))
            // It took a while: others may have used the room.
            roomForUpload(state, image)
            await writer.keep()
          } catch (error) {
            await writer.discard()
            throw error
          }
          const { name, sizeBytes } = image
          const medium: MediumState = { ref: mediumRef(datastore, name), name, datastore, sizeBytes, bytesId }
          const replaced = state.media.get(medium.ref)
          state.media.set(medium.ref, medium)
          core.keeper.touch()
          if (replaced) {
            // The state must not point to bytes that are gone, not even on disk.
            await core.keeper.saved()
            await core.media.remove(replaced.bytesId)
          }
          return mediumInfo(medium)
        },
      }),
    find: (where, call) =>
      session.perform({
        method: 'media.find',
        call,
        subject: { name: where.name },
        run: () => {
          const datastore = where.datastore ?? mediaDatastore(state)?.name
          const medium = datastore === undefined ? undefined : state.media.get(mediumRef(datastore, where.name))
          return medium && mediumInfo(medium)
        },
      }),
    remove: (ref, call) =>
      session.perform({
        method: 'media.remove',
        call,
        subject: { ref },
        run: async () => {
          const medium = state.media.get(ref)
          if (!medium) return
          for (const machine of state.machines.values()) {
            if (machine.medium === ref)
              throw conflict(`${medium.name} is in the drive of ${machine.name}; eject it first.`, 'ref')
          }
          state.media.delete(ref)
          core.keeper.touch()
          await core.keeper.saved()
          await core.media.remove(medium.bytesId)
        },
      }),
    insert: (owned, ref, call) =>
      session.perform({
        method: 'media.insert',
        call,
        subject: owned,
        run: () => {
          const machine = core.getOwned(owned)
          if (!state.media.has(ref)) throw notFound('medium', ref)
          if (machine.medium === ref && machine.bootsFrom === 'medium') return
          Object.assign(machine, { medium: ref, bootsFrom: 'medium' })
          core.tell('changed', owned.ref)
        },
      }),
    eject: (owned, call) =>
      session.perform({
        method: 'media.eject',
        call,
        subject: owned,
        run: () => {
          const machine = core.getOwned(owned)
          if (machine.medium === undefined && machine.bootsFrom === 'disk') return
          delete machine.medium
          machine.bootsFrom = 'disk'
          core.tell('changed', owned.ref)
        },
      }),
  }
}

/** Takes the content piece by piece; an abort ends it at once, even when the next piece never comes. */
async function receive(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  writer: MediumWriter,
  signal: AbortSignal,
  onProgress: ((progress: { percent: number; text: string }) => void) | undefined,
): Promise<void> {
  const chunks = content[Symbol.asyncIterator]()
  let stop = (): void => undefined
  const stopped = new Promise<never>((_, reject) => (stop = () => reject(cancelled('did-not-happen'))))
  stopped.catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  let received = 0
  try {
    for (;;) {
      if (signal.aborted) throw cancelled('did-not-happen')
      const chunk = await Promise.race([next(chunks), stopped])
      if (chunk.done) break
      received += chunk.value.byteLength
      if (received > sizeBytes) break
      await writer.append(chunk.value)
      onProgress?.({ percent: Math.floor((received / sizeBytes) * 100), text: 'uploading' })
    }
    if (received !== sizeBytes) throw unreadable(`it is ${received > sizeBytes ? 'longer' : 'shorter'} than sizeBytes says`)
  } finally {
    signal.removeEventListener('abort', stop)
    // Not awaited: content that hangs would hang us as well.
    void Promise.resolve(chunks.return?.()).catch(() => undefined)
  }
}

async function next(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next()
  } catch (cause) {
    throw isVirtkitError(cause) ? cause : unreadable('it could not be read', cause)
  }
}
