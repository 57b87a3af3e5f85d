import { serviceInstance } from '../client/soap/envelope.ts'
import { listAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import type { Place, Places } from '../places/places.ts'
import type { Work } from '../session.ts'

/** As an upload is named until it is whole, and how such names are searched for. */
export const partName = (id: string): string => `.virtkit-${id}.part`

/** An upload that lives is written to each minute, or gives up and takes its part away itself. */
const deadAfterMs = 3_600_000

/** Takes away parts of uploads whose process died: by the server's clock nobody has written to them for an hour. */
export async function removeLeftovers(work: Work, places: Places, store: Place, folder: string): Promise<void> {
  const browser = refAt(store.properties['browser'])
  if (!browser) return
  const path = `[${store.name}] ${folder}`
  const searchSpec = {
    details: { fileType: true, fileSize: false, modification: true, fileOwner: false },
    matchPattern: [partName('*')],
  }
  const found = listAt(await work.readTask('SearchDatastore_Task', browser, { datastorePath: path, searchSpec }), 'file')
  if (found.length === 0) return
  const now = Date.parse(textAt(await work.read('CurrentTime', serviceInstance)) ?? '')
  for (const file of found) {
    const isDead = now - Date.parse(textAt(file, 'modification') ?? '') > deadAfterMs
    if (!isDead) continue
    const fields = { name: `${path}/${textAt(file, 'path')}`, datacenter: places.datacenterOf(store)?.ref }
    await work.task('DeleteDatastoreFile_Task', work.client.service('fileManager'), fields)
  }
}
