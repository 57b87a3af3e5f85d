/** From which API on a server knows a kind of guest. */
const kinds: readonly (readonly [pattern: RegExp, guestId: string, api: number])[] = [
  [/^debian-(1[2-9]|[2-9]\d)/, 'debian12_64Guest', 8],
  [/^debian-(11)/, 'debian11_64Guest', 7],
  [/^debian-/, 'debian10_64Guest', 6.5],
  [/^ubuntu-/, 'ubuntu64Guest', 5],
  [/^(rhel|redhat)-9/, 'rhel9_64Guest', 7],
  [/^(rhel|redhat)-8/, 'rhel8_64Guest', 6.7],
  [/^(rhel|redhat)-7/, 'rhel7_64Guest', 5.5],
  [/^rocky/, 'rockylinux_64Guest', 7.1],
  [/^alma/, 'almalinux_64Guest', 7.1],
  [/^centos-(9|stream-9)/, 'centos9_64Guest', 7],
  [/^centos/, 'centos8_64Guest', 6.7],
  [/^fedora/, 'fedora64Guest', 5.5],
  [/^opensuse/, 'opensuse64Guest', 5.5],
  [/^(sles|suse)/, 'sles15_64Guest', 6.7],
  [/^windows-(server-)?202[2-9]/, 'windows2019srvNext_64Guest', 7],
  [/^windows-(server-)?2019/, 'windows2019srv_64Guest', 6.7],
  [/^windows-/, 'windows9_64Guest', 6],
]

/** What vSphere calls a release of the catalog; one that the server is too old for is another 64-bit Linux. */
export function guestIdOf(release: string | undefined, apiVersion: string): string {
  const api = Number.parseFloat(apiVersion)
  const found = kinds.find(([pattern, , since]) => pattern.test(release ?? '') && api >= since)
  return found?.[1] ?? 'otherLinux64Guest'
}
