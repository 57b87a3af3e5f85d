import { existsSync } from 'node:fs'

/** What a person types when they are not there. */
export const installInstallerCheckers: string =
  '.ci/install-debian-packages   (osinfo-db, cloud-init, libxml2-utils, gpgv, gpg, signify-openbsd)'

const needed = [
  '/usr/share/osinfo/os',
  '/usr/bin/cloud-init',
  '/usr/bin/debconf-set-selections',
  '/usr/bin/gpg',
  '/usr/bin/gpgv',
  '/usr/bin/python3',
  '/usr/bin/signify-openbsd',
  '/usr/bin/xmllint',
]

/** What others wrote to check what installers read and what publishers sign: undefined when all of it is there. */
export function lacksInstallerCheckers(): string | undefined {
  const missing = needed.find((path) => !existsSync(path))
  return missing === undefined ? undefined : `there is no ${missing}`
}
