import { type VimFault, taskFault } from './soap/vim-fault.ts'
import type { CallOptions, VimClient } from './vim-client.ts'
import { type VimArguments, typed } from './xml/write-xml.ts'
import { type MoRef, at, listAt, refAt, textAt } from './xml/xml-tree.ts'

/** A managed object and what was asked of it. */
export interface Found {
  readonly ref: MoRef
  /** By path; what the object does not have is not there. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** Which properties of which kind of object. */
export interface Wanted {
  readonly type: string
  readonly pathSet: readonly string[]
}

/** Reads one object. Rejects with the fault `ManagedObjectNotFound` for one that is gone. */
export async function retrieveOne(
  client: VimClient,
  ref: MoRef,
  pathSet: readonly string[],
  options: CallOptions,
): Promise<Found> {
  const [found] = await retrieveAll(client, [ref], [{ type: ref.moType, pathSet }], options)
  return found ?? { ref, properties: {} }
}

/** Reads these objects, in as many pages as the server likes. */
export async function retrieveAll(
  client: VimClient,
  refs: readonly MoRef[],
  propSet: readonly Wanted[],
  options: CallOptions,
): Promise<readonly Found[]> {
  const all: Found[] = []
  const objectSet = refs.map((obj) => ({ obj, skip: false }))
  for await (const page of pages(client, { propSet: propSet.map(written), objectSet }, undefined, options))
    all.push(...page)
  return all
}

/** Everything of these kinds below a container, in pages of at most `pageSize`. Promises: leaving early leaves nothing open. */
export async function* retrieveBelow(
  client: VimClient,
  container: MoRef,
  propSet: readonly Wanted[],
  pageSize: number | undefined,
  options: CallOptions,
): AsyncGenerator<readonly Found[]> {
  const type = propSet.map((wanted) => wanted.type)
  const view = refAt(
    await client.call('CreateContainerView', client.service('viewManager'), { container, type, recursive: true }, options),
  )
  if (!view) return
  try {
    yield* pages(
      client,
      { propSet: propSet.map(written), objectSet: [throughView(view, 'ContainerView')] },
      pageSize,
      options,
    )
  } finally {
    // Also after an abort: the server would keep it as long as the session lives.
    await client.call('DestroyView', view, {}, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  }
}

/** All objects of a view, as a filter names them. */
export function throughView(obj: MoRef, type: 'ContainerView' | 'ListView'): VimArguments {
  return { obj, skip: true, selectSet: [typed('TraversalSpec', { name: 'view', type, path: 'view', skip: false })] }
}

function written({ type, pathSet }: Wanted): VimArguments {
  return { type, all: false, pathSet }
}

async function* pages(
  client: VimClient,
  spec: VimArguments,
  pageSize: number | undefined,
  options: CallOptions,
): AsyncGenerator<readonly Found[]> {
  const collector = client.service('propertyCollector')
  const { generation } = client
  const first = { specSet: [spec], options: pageSize === undefined ? {} : { maxObjects: pageSize } }
  const begin = async (): Promise<Page> => readPage(await client.call('RetrievePropertiesEx', collector, first, options))
  let page = await begin()
  if (page.denied?.fault === 'NotAuthenticated') {
    // To a login that it has forgotten a server may tell what there is, without telling anything of it.
    await client.renew(generation, options.signal)
    page = await begin()
  }
  try {
    for (;;) {
      if (page.denied) throw page.denied
      const size = pageSize ?? page.objects.length
      // A server may give more than it was asked for.
      for (let i = 0; i < page.objects.length; i += size) yield page.objects.slice(i, i + size)
      if (page.token === undefined) return
      const next = { token: page.token }
      // Not held any longer: two pages at a time would be twice the memory.
      page = { objects: [] }
      page = readPage(await client.call('ContinueRetrievePropertiesEx', collector, next, options))
    }
  } finally {
    const { token } = page
    if (token !== undefined && client.generation === generation) {
      const cancel = client.call('CancelRetrievePropertiesEx', collector, { token }, { signal: AbortSignal.timeout(2000) })
      await cancel.catch(() => undefined)
    }
  }
}

interface Page {
  readonly objects: readonly Found[]
  /** Where the next one is asked for; undefined in the last. */
  readonly token?: string | undefined
  readonly denied?: VimFault | undefined
}

function readPage(answer: unknown): Page {
  return {
    objects: listAt(answer, 'objects').map(readObject),
    token: textAt(answer, 'token'),
    denied: deniedIn(answer),
  }
}

/** Why something of what was asked for is held back; what an object simply does not have is no reason. */
function deniedIn(answer: unknown): VimFault | undefined {
  for (const object of listAt(answer, 'objects')) {
    for (const missing of listAt(object, 'missingSet')) {
      const fault = taskFault(at(missing, 'fault'))
      if (/^(NotAuthenticated|NoPermission)$/.test(fault.fault)) return fault
    }
  }
  return undefined
}

function readObject(object: unknown): Found {
  const properties: Record<string, unknown> = {}
  for (const property of listAt(object, 'propSet')) {
    properties[textAt(property, 'name') ?? ''] = (property as { val: unknown }).val
  }
  return { ref: refAt(object, 'obj') ?? { moType: '', id: '' }, properties }
}
