import { notFound } from '@virtkit/spi'
import type { OsRelease } from '@virtkit/core'
import type { operatingSystems } from '../../contract/resources/operating-systems.ts'
import type { Handlers } from '../handler.ts'
import { sizeOf } from '../wire-sizes.ts'

export const operatingSystemHandlers: Handlers<typeof operatingSystems> = {
  list: async ({ services }) => services.catalog.list().map(toWire),
  get: async ({ services, params }) => {
    const release = services.catalog.find(params.key)
    if (!release) throw notFound('operating system', params.key)
    return toWire(release)
  },
}

function toWire({ key, id, name, minimum, recommended }: OsRelease) {
  return {
    key,
    id,
    name,
    minimumcpu: minimum.cpus,
    minimumram: sizeOf(minimum.memoryMiB),
    minimumdisc: sizeOf(minimum.diskMiB),
    recommendedcpu: recommended.cpus,
    recommendedram: sizeOf(recommended.memoryMiB),
    recommendeddisc: sizeOf(recommended.diskMiB),
  }
}
