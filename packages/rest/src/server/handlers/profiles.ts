import type { FromProfileInput, Profile, ProfileInput, VirtkitServices } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { profiles } from '../../contract/resources/profiles.ts'
import type { Handlers } from '../handler.ts'
import { osKeyOf, osOf } from '../os-keys.ts'
import { readAll } from '../read-all.ts'
import { diskMiBOf, memoryMiBOf, sizeOf } from '../wire-sizes.ts'

type Catalog = VirtkitServices['catalog']

export const profileHandlers: Handlers<typeof profiles> = {
  create: async ({ services: { profiles, catalog }, body, by }) =>
    toWire(await profiles.add(toInput(body, catalog), by), catalog),
  list: async ({ services: { profiles, catalog }, by }) =>
    (await profiles.list(by)).map((profile) => toWire(profile, catalog)),
  get: async ({ services: { profiles, catalog }, params, by }) => toWire(await profiles.get(params.key, by), catalog),
  update: async ({ services: { profiles, catalog }, params, body, by }) =>
    toWire(await profiles.update(params.key, toInput(body, catalog), by), catalog),
  remove: async ({ services, params, by }) => {
    await services.profiles.remove(params.key, by)
    return { msg: 'profile deleted', key: params.key }
  },
  createVirtualMachine: async ({ services, params, body, by }) => {
    const { key, name, state } = await services.machines.createFromProfile(params.key, toMachine(body), by)
    return { msg: `virtual machine ${name} created`, status: state, key }
  },
}

function toInput(body: BodyOf<typeof profiles.create>, catalog: Catalog): ProfileInput {
  const { name, clusterkey: cluster, cpu: cpus, datastore, networks } = body
  const read = readAll({
    os: () => osOf(catalog, body.oskey),
    memoryMiB: () => memoryMiBOf(body.ram),
    diskMiB: () => diskMiBOf(body.disc),
  })
  return { name, cluster, cpus, ...read, datastore, networks }
}

function toMachine(body: BodyOf<typeof profiles.createVirtualMachine>): FromProfileInput {
  const { name, owner, cpu, ram, disc, thickprovisioning } = body
  const read = readAll({
    ...(ram !== undefined && { memoryMiB: () => memoryMiBOf(ram) }),
    ...(disc !== undefined && { diskMiB: () => diskMiBOf(disc) }),
  })
  const provisioning = thickprovisioning ? 'thick' : 'thin'
  return { name, owner, ...(cpu !== undefined && { cpus: cpu }), ...read, provisioning }
}

function toWire(profile: Profile, catalog: Catalog) {
  return {
    key: profile.key,
    name: profile.name,
    cpu: profile.cpus,
    ram: sizeOf(profile.memoryMiB),
    disc: sizeOf(profile.diskMiB),
    datastore: profile.datastore,
    oskey: osKeyOf(catalog, profile.os),
    clusterkey: profile.cluster,
    networks: [...profile.networks],
  }
}
