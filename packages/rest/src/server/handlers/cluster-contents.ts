import type { ImportedMachine } from '@virtkit/core'
import type { clusterContents } from '../../contract/resources/cluster-contents.ts'
import { RequestError, statusOf } from '../error-answer.ts'
import type { Handlers } from '../handler.ts'
import { osKeyOf } from '../os-keys.ts'
import { sizeOf } from '../wire-sizes.ts'

const bytesOf = (mebibytes: number): number => mebibytes * 1024 ** 2

// All of these ask a hypervisor, which no transaction waits for: they go to the kit itself.
export const clusterContentHandlers: Handlers<typeof clusterContents> = {
  datastores: async ({ kit, params, by }) =>
    (await kit.clusters.datastores(params.key, by)).map(({ name, type, capacityMiB, freeMiB }) => ({
      name,
      type,
      capacity: bytesOf(capacityMiB),
      freespace: bytesOf(freeMiB),
    })),
  syncImages: async ({ kit, params, by }) =>
    (await kit.images.sync(params.key, by)).map(({ name, os, status, reason }) => ({
      name,
      oskey: osKeyOf(kit.catalog, os),
      status: reason === undefined ? status : `${status}: ${reason}`,
    })),
  import: async ({ kit, params, body, by }) => {
    const results = await kit.machines.import(params.key, { names: body.vmnames, owner: body.owner }, by)
    refuseWhenNone(results)
    return results.map((each) =>
      each.status === 'refused'
        ? { name: each.name, key: 0, error: each.error.message }
        : { name: each.name, key: each.machine.key },
    )
  },
  importable: async ({ kit, params, by }) =>
    (await kit.machines.listImportable(params.key, by)).map((machine) => ({
      name: machine.name,
      cpu: machine.cpus,
      ram: sizeOf(machine.memoryMiB),
      disc: sizeOf(machine.diskMiB),
      datastore: machine.datastore ?? '',
      guestid: machine.guestOs ?? '',
      networks: [...machine.networks],
      uuid: machine.ref,
    })),
  syncNetworks: async ({ kit, params, by }) => ({ networkstatus: [...(await kit.clusters.syncNetworks(params.key, by))] }),
  synchronize: async ({ kit, params, by }) => {
    await kit.clusters.synchronize(params.key, by)
    return { msg: 'defaults read from the cluster', key: params.key }
  },
  capabilities: async ({ kit, params, by }) => {
    const { product, version, facets, absent, supports } = await kit.clusters.check(params.key, by)
    return { product, version, facets: [...facets], absent: [...absent], supports }
  },
  check: async ({ kit, params, by }) => {
    const { product, version, missing } = await kit.clusters.check(params.key, by)
    return { product, version, missing: [...missing] }
  },
}

/** Who reads the status alone must not take a refusal of everything for success. */
function refuseWhenNone(results: readonly ImportedMachine[]): void {
  const refused = results.filter((each) => each.status === 'refused')
  const [first, another] = refused
  if (!first || refused.length < results.length) return
  if (!another) throw first.error
  const errors = refused.map(({ name, error }) => `${name}: ${error.message}`)
  throw new RequestError(statusOf[first.error.code], errors)
}
