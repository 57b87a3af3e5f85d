import { dirname, join } from 'node:path'
import type { InstallMedia } from '@virtkit/spi'
import { type NetbootOptions, mirrorBootFiles, netboot } from '@virtkit/netboot'
import { readBootPrograms } from '../commands/serve/boot-programs.ts'
import type { DatabaseLocation } from '../commands/quickstart/database-location.ts'
import { standIns } from '../commands/quickstart/open-quickstart.ts'
import type { BootOptions } from './connection-options.ts'

export interface BootMediaOptions extends BootOptions {
  /** Undefined: nothing is served by TFTP. */
  readonly tftpPort?: number | undefined
}

/** Install media of a boot server that listens there, for one port after another: a port of the last run may be taken. */
export async function bootMedia(
  options: BootMediaOptions,
  { base }: Pick<DatabaseLocation, 'base'>,
  cwd: string,
): Promise<(port: number) => InstallMedia> {
  const { bootHost, bootPrograms, tftpPort } = options
  const programs = bootPrograms === undefined ? undefined : await readBootPrograms(bootPrograms, cwd)
  const shared: Omit<NetbootOptions, 'listen'> = {
    bootFiles: options.standIns
      ? standIns()
      : mirrorBootFiles({ cacheDirectory: join(dirname(base ?? 'virtkit'), 'virtkit-boot-files') }),
    ...(programs && { bootPrograms: programs.media }),
    ...(tftpPort !== undefined && { tftp: { port: tftpPort, programs: programs?.network ?? {} } }),
  }
  return (port) => netboot({ ...shared, listen: { host: bootHost ?? '127.0.0.1', port } })
}
