import type { InputProblem } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import { listAt, numberAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import { parseMediumRef } from '../machines/medium-ref.ts'
import type { Place, Places } from '../places/places.ts'
import type { Work } from '../session.ts'

/** The size of a file on a datastore; undefined when there is none. */
export async function findFile(work: Work, datastore: Place, folder: string, name: string): Promise<number | undefined> {
  const browser = refAt(datastore.properties['browser'])
  if (!browser) return undefined
  const searchSpec = {
    details: { fileType: true, fileSize: true, modification: false, fileOwner: false },
    // A name is letters, digits and `. _ -`: nothing in it stands for another.
    matchPattern: [name],
  }
  try {
    const path = `[${datastore.name}]${folder === '' ? '' : ` ${folder}`}`
    const answer = await work.readTask('SearchDatastore_Task', browser, { datastorePath: path, searchSpec })
    const file = listAt(answer, 'file').find((each) => textAt(each, 'path') === name)
    return file === undefined ? undefined : (numberAt(file, 'fileSize') ?? 0)
  } catch (error) {
    if (error instanceof VimFault && /^(FileNotFound|FileFault|NotFound)$/.test(error.fault)) return undefined
    throw error
  }
}

/** The datastore that the ref of a medium names. */
export function datastoreOf(places: Places, ref: string): Place | undefined {
  const medium = parseMediumRef(ref)
  if (!medium) return undefined
  return places
    .datastores()
    .find((each) => each.name === medium.datastore && places.datacenterOf(each)?.ref.id === medium.datacenter)
}

/** Told unless the medium is there. */
export async function mediumProblems(work: Work, places: Places, ref: string, field: string): Promise<InputProblem[]> {
  const medium = parseMediumRef(ref)
  const datastore = datastoreOf(places, ref)
  const cut = medium?.path.lastIndexOf('/') ?? -1
  const folder = medium?.path.slice(0, Math.max(cut, 0)) ?? ''
  const isThere = medium && datastore && (await findFile(work, datastore, folder, medium.path.slice(cut + 1))) !== undefined
  return isThere ? [] : [{ field, problem: `there is no medium ${JSON.stringify(ref)}`, hint: 'upload it first' }]
}
