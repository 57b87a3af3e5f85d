import { MiB, invalidInput, type InputProblem, type MediumInfo, type MediumUpload } from '@virtkit/spi'
import { datastoreFull, freeMiB } from './capacity.ts'
import { throwProblems, wholeNumberProblems } from './input.ts'
import type { DatastoreState, MediumState, WorldState } from './world-state.ts'

export function mediumRef(datastore: string, name: string): string {
  return `[${datastore}] isos/${name}`
}

export function mediumInfo({ ref, name, sizeBytes, datastore }: MediumState): MediumInfo {
  return { ref, name, sizeBytes, datastore }
}

/** Where media go when nobody says where: always the same place, so that they are found there. */
export function mediaDatastore(state: WorldState): DatastoreState | undefined {
  return state.datastores.find((datastore) => datastore.writable && datastore.holds.includes('media'))
}

/** The datastore that takes the upload. Throws `INVALID_INPUT` or `DATASTORE_FULL` before a byte is read. */
export function roomForUpload(state: WorldState, image: MediumUpload): string {
  const problems: InputProblem[] = [...wholeNumberProblems('sizeBytes', image.sizeBytes, 0)]
  if (!isMediumName(image.name)) {
    const problem = 'must be one file name of letters, digits and . _ - that ends in .iso, of at most 100 characters'
    problems.push({ field: 'name', problem })
  }
  const wanted = image.datastore
  const datastore = wanted === undefined ? mediaDatastore(state) : state.datastores.find((one) => one.name === wanted)
  if (!datastore)
    problems.push({ field: 'datastore', problem: wanted === undefined ? 'none takes media' : `there is no ${wanted}` })
  else if (!datastore.writable) problems.push({ field: 'datastore', problem: `${datastore.name} is read-only` })
  else if (!datastore.holds.includes('media')) {
    problems.push({ field: 'datastore', problem: `${datastore.name} does not take media` })
  }
  throwProblems(problems)
  if (!datastore) throw invalidInput(problems)
  const askedMiB = Math.ceil(image.sizeBytes / MiB)
  const free = freeMiB(state, datastore)
  if (askedMiB > free) throw datastoreFull(datastore.name, free, askedMiB)
  return datastore.name
}

function isMediumName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 100 && /^[A-Za-z0-9._-]+\.iso$/.test(name) && !name.startsWith('.')
}
