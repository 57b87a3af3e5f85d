import type { AddressEntry, Network, NetworkInput } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { networks } from '../../contract/resources/networks.ts'
import type { Handlers } from '../handler.ts'

export const networkHandlers: Handlers<typeof networks> = {
  create: async ({ services, body, by }) => toWire(await services.networks.add(toInput(body), by)),
  list: async ({ services, by }) => (await services.networks.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.networks.get(params.key, by)),
  update: async ({ services, params, body, by }) => toWire(await services.networks.update(params.key, toInput(body), by)),
  remove: async ({ services, params, by }) => {
    await services.networks.remove(params.key, by)
    return { msg: 'network deleted', key: params.key }
  },
  getFreeIp: async ({ services, params, by }) => ({ ip: await services.networks.predictAddress(params.key, by) }),
  addresses: async ({ services, params, by }) => (await services.networks.addresses(params.key, by)).map(toWireAddress),
}

function toInput(body: BodyOf<typeof networks.create>): NetworkInput {
  return {
    name: body.name,
    cluster: body.cluster,
    dhcp: body.dhcp,
    ...(body.cidr !== '' && { cidr: body.cidr }),
    ...(body.ipreservation !== '' && { reservation: body.ipreservation }),
    excluded: body.excluded,
    quarantineMs: Math.round(body.quarantine / 1e6),
    ...(body.gateway !== '' && { gateway: body.gateway }),
    dns: body.dns.split(/[\s,]+/).filter((server) => server !== ''),
    ...(body.zonedomain !== '' && { zoneDomain: body.zonedomain }),
    isolated: body.nointernet,
  }
}

function toWire(network: Network) {
  return {
    key: network.key,
    cluster: network.cluster,
    name: network.name,
    cidr: network.cidr ?? '',
    ipreservationcidr: network.reservation ?? '',
    gateway: network.gateway ?? '',
    zonedomain: network.zoneDomain ?? '',
    dns: network.dns.join(','),
    dhcp: network.dhcp,
    nointernet: network.isolated,
    excluded: [...network.excluded],
    quarantine: network.quarantineMs * 1e6,
  }
}

function toWireAddress({ address, owner, state, expiresAt }: AddressEntry) {
  return { ip: address, owner, state, ...(expiresAt !== undefined && { expires: expiresAt * 1e6 }) }
}
