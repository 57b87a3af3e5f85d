import { type Call, type Hypervisor, isVirtkitError } from '@virtkit/spi'
import type { VimTransportKind } from './client/soap/vim-transport.ts'
import { VimClient } from './client/vim-client.ts'
import { textAt } from './client/xml/xml-tree.ts'
import { cancelled, driverError } from './errors.ts'
import { guestOperations } from './facets/guest.ts'
import { inventoryOperations } from './facets/inventory.ts'
import { machineOperations } from './facets/machines.ts'
import { mediaOperations } from './facets/media.ts'
import { powerOperations } from './facets/power.ts'
import { privilegeOperations } from './facets/privileges.ts'
import { snapshotOperations } from './facets/snapshots.ts'
import { templateOperations } from './facets/templates.ts'
import { watchOperations } from './facets/watch.ts'
import type { VmwareOptions } from './options.ts'
import { PlaceBook } from './places/place-book.ts'
import { Session } from './session.ts'

/** Logs in, and answers all facets that this server has. Throws `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `CANCELLED`. */
export async function openHypervisor(kind: VimTransportKind, options: VmwareOptions, call: Call): Promise<Hypervisor> {
  const client = await login(kind, options, call)
  const session = new Session(client)
  const about = (name: string): string => textAt(client.content, `about.${name}`) ?? ''
  const isVcenter = about('apiType') === 'VirtualCenter'
  const book = new PlaceBook(client, isVcenter)
  const maker = { book, apiVersion: about('apiVersion'), datacenter: options.datacenter }
  const context = { session, book, maker, isVcenter, mediaFolder: options.mediaFolder ?? 'isos' }
  return {
    about: {
      product: about('fullName') || about('name') || 'VMware vSphere',
      version: about('version') || about('apiVersion') || 'unknown',
    },
    inventory: inventoryOperations(context),
    machines: machineOperations(context),
    power: powerOperations(context),
    media: mediaOperations(context),
    guest: guestOperations(context),
    snapshots: snapshotOperations(context),
    ...(isVcenter ? { templates: templateOperations(context), watch: watchOperations(context) } : {}),
    privileges: privilegeOperations(context),
    [Symbol.asyncDispose]: () => session.close(),
  }
}

async function login(kind: VimTransportKind, options: VmwareOptions, { signal }: Call): Promise<VimClient> {
  if (signal.aborted) throw cancelled('did-not-happen')
  const { url, username, password, insecure = false, ca } = options
  const credentials = { username, password: () => password.reveal() }
  try {
    return await VimClient.open(kind, { url: new URL(url), insecure, ca }, credentials, signal)
  } catch (error) {
    if (signal.aborted) throw cancelled('did-not-happen')
    const told = driverError(error, false)
    if (isVirtkitError(told, 'HYPERVISOR_UNAVAILABLE')) Object.assign(told.details, { endpoint: url })
    throw told
  }
}
