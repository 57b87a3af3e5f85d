import type { LicenseStatus } from '@virtkit/core'
import type { license } from '../../contract/resources/license.ts'
import { toNanoseconds } from '../durations.ts'
import type { Handlers } from '../handler.ts'
import { inWireWords } from '../in-wire-words.ts'

export const licenseHandlers: Handlers<typeof license> = {
  get: async ({ services, by }) => toWire(await services.license.get(by)),
  update: async ({ services, body, by }) =>
    toWire(await inWireWords({ document: 'license' }, () => services.license.install(body.license, by))),
  remove: async ({ services, by }) => {
    await services.license.remove(by)
    return { msg: 'license deleted' }
  },
}

function toWire({ state, used, license }: LicenseStatus) {
  return {
    license: license?.document ?? '',
    customerid: license?.customerId ?? '',
    virtualmachines: license?.virtualMachines ?? 0,
    issued: toNanoseconds(license?.issuedAt ?? 0),
    expires: toNanoseconds(license?.expiresAt ?? 0),
    state,
    used,
  }
}
