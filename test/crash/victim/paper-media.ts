import type { BootMedium, InstallDesk, InstallMedia, OsCatalog, OsRelease } from '@virtkit/spi'

/** What a medium says: where to report, and as whom. */
export interface PaperMedium {
  readonly origin: string
  readonly token: string
}

const size = { cpus: 1, memoryMiB: 512, diskMiB: 4096 }
const debian: OsRelease = {
  key: 1,
  id: 'debian-12',
  family: 'debian',
  name: 'Debian GNU/Linux 12 (bookworm)',
  version: '12',
  architecture: 'amd64',
  minimum: size,
  recommended: size,
}
const catalog: OsCatalog = {
  list: () => [debian],
  find: (wanted) => (wanted === debian.id || wanted === debian.key ? debian : undefined),
}

/** Install media of which only the medium is there: the guests of these tests report without a boot server. */
export function paperMedia(origin: string, onDesk: (desk: InstallDesk) => void): InstallMedia {
  return {
    catalog,
    open: async (desk) => {
      onDesk(desk)
      return {
        origin,
        medium: async (_plan, token) => iso({ origin, token } satisfies PaperMedium),
        image: async (os, from) => iso({ os, origin: from }),
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
}

function iso(content: object): BootMedium {
  const bytes = Buffer.from(JSON.stringify(content))
  return {
    kind: 'iso',
    sizeBytes: bytes.length,
    content: async function* () {
      yield bytes
    },
  }
}
