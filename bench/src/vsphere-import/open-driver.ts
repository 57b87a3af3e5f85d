import { vmware } from '@virtkit/driver-vsphere'
import type { Call, Hypervisor } from '@virtkit/spi'

/** Where the simulated vCenter is and how one gets in: handed to each program as JSON. */
export interface Server {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly ca: string
}

/** Opens the driver as a host does. */
export async function openDriver(server: Server, call: Call): Promise<Hypervisor> {
  const { url, username, password, ca } = server
  const checked = await vmware.options['~standard'].validate({ url, username, password, ca })
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  return vmware.connect(checked.value, call)
}
