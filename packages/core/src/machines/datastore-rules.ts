import { type DatastoreInfo, VirtkitError, invalidInput } from '@virtkit/spi'

export interface DatastoreWish {
  /** A name, or `auto`. */
  readonly asked: string
  readonly diskMiB: number
  /** Regular expression on the name; empty admits all. */
  readonly filter: string
  readonly ignored: readonly string[]
  /** Space promised to machines that are being created, by datastore. */
  readonly promisedMiB: ReadonlyMap<string, number>
}

/**
 * Where a machine's disk goes: the datastore asked for, or of those admitted the one with the most space left.
 * Throws `INVALID_INPUT` for a name that is not there, `DATASTORE_FULL` when it does not fit.
 */
export function chooseDatastore(datastores: readonly DatastoreInfo[], wish: DatastoreWish): string {
  const left = (store: DatastoreInfo): number => store.freeMiB - (wish.promisedMiB.get(store.name) ?? 0)
  if (wish.asked !== 'auto') {
    const store = datastores.find((each) => each.name === wish.asked)
    if (!store) throw unknownDatastore(wish.asked, datastores)
    if (left(store) < wish.diskMiB) throw full(store.name, left(store), wish.diskMiB)
    return store.name
  }
  const pattern = new RegExp(wish.filter, 'u')
  const admitted = datastores
    .filter(
      (store) =>
        store.writable && store.holds.includes('disks') && pattern.test(store.name) && !wish.ignored.includes(store.name),
    )
    .toSorted((a, b) => left(b) - left(a) || (a.name < b.name ? -1 : 1))
  const best = admitted[0]
  if (!best) throw unknownDatastore('auto', datastores)
  if (left(best) < wish.diskMiB) throw full(best.name, left(best), wish.diskMiB)
  return best.name
}

function unknownDatastore(asked: string, datastores: readonly DatastoreInfo[]): VirtkitError {
  const names = datastores.map((each) => each.name).join(', ')
  const problem = asked === 'auto' ? 'no datastore is admitted' : `there is no datastore ${JSON.stringify(asked)}`
  const hint =
    asked === 'auto' ? `the settings datastoreFilter and ignoredDatastores leave none of: ${names}` : `one of: ${names}`
  return invalidInput([{ field: 'datastore', problem, hint }])
}

function full(datastore: string, freeMiB: number, askedMiB: number): VirtkitError {
  return new VirtkitError(
    'DATASTORE_FULL',
    `The datastore ${datastore} has ${freeMiB} MiB left, ${askedMiB} MiB are needed.`,
    {
      details: { datastore, freeMiB, askedMiB },
      hint: 'Make room, choose another datastore, or ask for a smaller disk.',
    },
  )
}
