import {
  type MediaOperations,
  type MediumInfo,
  type MediumUpload,
  VirtkitError,
  invalidInput,
  notFound,
} from '@virtkit/spi'
import type { PveCall } from '../client/pve-call.ts'
import { number, records, text } from '../client/wire.ts'
import { bootOrder, traySlot } from '../machine/create-params.ts'
import type { Found, MachineReader } from '../machine/machine-reader.ts'
import type { Session } from '../session.ts'
import { mediumOn } from '../site/placement.ts'
import { type SiteStorage, ofEveryNode, readNodes, readStorages } from '../site/site.ts'

const contentPath = '/nodes/{node}/storage/{storage}/content'

export function mediaOperations(session: Session, reader: MachineReader): MediaOperations {
  const change = <T>(ref: string, work: () => Promise<T>): Promise<T> => session.queue.run(Number(ref), work)
  return {
    upload: (image, call) => {
      const problem = nameProblem(image.name)
      if (problem) return Promise.reject(problem)
      return session.perform(call, async (pve) => {
        const [store] = await mediaStores(pve, session, image.datastore)
        if (!store) throw noStore(image.datastore)
        let told = 0
        const sent = (bytes: number): void => {
          const percent = Math.floor((Math.min(bytes, image.sizeBytes) / Math.max(1, image.sizeBytes)) * 95)
          if (percent > told) call.onProgress?.({ percent: (told = percent), text: 'uploading' })
        }
        return upload(pve, store, image, sent)
      })
    },
    find: ({ name, datastore }, call) =>
      session.perform(call, async (pve) => {
        for (const store of await mediaStores(pve, session, datastore)) {
          const found = await mediumNamed(pve, store, name)
          // Without a datastore it is where an upload would have put it.
          if (found || datastore === undefined) return found
        }
        return undefined
      }),
    remove: (ref, call) =>
      session.perform(call, async (pve) => {
        const { storage, name } = partsOf(ref)
        for (const store of await mediaStores(pve, session, storage)) {
          if (!(await mediumNamed(pve, store, name))) continue
          const at = { node: store.node, storage, volume: ref }
          await pve.change({ method: 'DELETE', path: `${contentPath}/{volume}`, at })
        }
      }),
    insert: (machine, ref, call) =>
      session.perform(call, (pve) =>
        change(machine.ref, async () => {
          const found = await reader.owned(pve, machine)
          if (found.info.medium === ref && found.info.bootsFrom === 'medium') return
          if (!(await mediumOn(pve, found.node, ref, await readStorages(pve, found.node)))) throw notFound('medium', ref)
          await load(pve, found, ref)
        }),
      ),
    eject: (machine, call) =>
      session.perform(call, (pve) =>
        change(machine.ref, async () => {
          const found = await reader.owned(pve, machine)
          if (found.info.medium === undefined && found.info.bootsFrom === 'disk') return
          await load(pve, found, undefined)
        }),
      ),
  }
}

/** What is in the drive and what boots first are one change. */
async function load(pve: PveCall, { node, vmid, hardware }: Found, medium: string | undefined): Promise<void> {
  const slot = hardware.tray?.key ?? freeSlot(hardware.drives.map(({ key }) => key))
  const order = bootOrder(
    hardware.drives.map(({ key }) => key),
    hardware.cards.map(({ key }) => key),
    medium === undefined ? 'disk' : 'medium',
    slot,
  )
  const params = { [slot]: `${medium ?? 'none'},media=cdrom`, boot: `order=${order.join(';')}` }
  await pve.change({ method: 'PUT', path: '/nodes/{node}/qemu/{vmid}/config', at: { node, vmid }, params })
}

function freeSlot(taken: readonly string[]): string {
  return [traySlot, 'ide0', 'ide1', 'ide3', 'sata5'].find((slot) => !taken.includes(slot)) ?? traySlot
}

/** Storages that take images, the one that is taken when none is named first: shared ones, then by name. */
async function mediaStores(pve: PveCall, session: Session, datastore: string | undefined): Promise<readonly SiteStorage[]> {
  const { node } = session.options
  const all = (await ofEveryNode(await readNodes(pve), (name) => readStorages(pve, name))).filter(
    ({ active, content, name }) => active && content.includes('iso') && (datastore === undefined || name === datastore),
  )
  const once = all.filter(({ name, shared }, index) => !shared || all.findIndex((each) => each.name === name) === index)
  const rank = (store: SiteStorage): string =>
    `${Number(!store.shared)} ${store.name} ${Number(node !== undefined && store.node !== node)} ${store.node}`
  return once.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

async function mediumNamed(pve: PveCall, store: SiteStorage, name: string): Promise<MediumInfo | undefined> {
  const at = { node: store.node, storage: store.name }
  const list = records(await pve.get(contentPath, at, { content: 'iso' }))
  const ref = `${store.name}:iso/${name}`
  const line = list.find((each) => text(each['volid']) === ref)
  return line && { ref, name, sizeBytes: number(line['size']) ?? 0, datastore: store.name }
}

async function upload(
  pve: PveCall,
  store: SiteStorage,
  { name, sizeBytes, content }: MediumUpload,
  sent: (bytes: number) => void,
): Promise<MediumInfo> {
  const askedMiB = Math.ceil(sizeBytes / 2 ** 20)
  if (askedMiB > store.freeMiB) {
    const { name: datastore, freeMiB } = store
    throw new VirtkitError('DATASTORE_FULL', `${datastore} has ${freeMiB} MiB free, the image needs ${askedMiB} MiB.`, {
      details: { datastore, freeMiB, askedMiB },
    })
  }
  const upid = await pve.upload({ node: store.node, storage: store.name, name, sizeBytes, content, sent })
  await pve.finish(upid)
  const found = await mediumNamed(pve, store, name)
  if (!found) throw notFound('medium', `${store.name}:iso/${name}`)
  return found
}

function partsOf(ref: string): { storage: string; name: string } {
  const [, storage, name] = /^([A-Za-z][\w.-]*):iso\/([A-Za-z0-9._-]+)$/.exec(ref) ?? []
  if (storage === undefined || name === undefined) throw notFound('medium', ref)
  return { storage, name }
}

function nameProblem(name: string): VirtkitError | undefined {
  if (/^[A-Za-z0-9._-]+\.iso$/.test(name) && name.length <= 100 && !/[\n\0]/.test(name)) return undefined
  const problem = 'must be one file name of letters, digits and . _ -, ending in .iso, of at most 100 characters'
  return invalidInput([{ field: 'name', problem }])
}

function noStore(datastore: string | undefined): VirtkitError {
  if (datastore === undefined) {
    const hint = "Allow content 'iso' on one, and give the credentials Datastore.AllocateTemplate there."
    return invalidInput([{ field: 'datastore', problem: 'no datastore for images is seen' }], hint)
  }
  return invalidInput([{ field: 'datastore', problem: `${datastore} is not there, or does not take images (content iso)` }])
}
