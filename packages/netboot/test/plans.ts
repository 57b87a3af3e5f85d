import { type InstallPlan, Secret } from '@virtkit/spi'
import { createCatalog } from '../src/catalog/os-catalog.ts'
import { builtinReleases } from '../src/catalog/releases.ts'
import type { CatalogRelease } from '../src/catalog/netboot-release.ts'
import { type GuestUrls, guestUrls } from '../src/plan/guest-urls.ts'

/** A plan with everything in it; each test changes what it is about. */
export const richPlan: InstallPlan = {
  runId: 'run-1',
  machine: { name: 'Web 1', firmware: 'bios', diskMiB: 20480 },
  os: 'debian-12',
  hostname: 'web-1',
  domain: 'example.test',
  networks: [
    {
      mac: '52:54:00:00:00:01',
      static: { address: '10.20.0.11', prefix: 24, gateway: '10.20.0.1' },
      dns: ['10.20.0.1', '10.20.0.2'],
      searchDomains: ['example.test', 'internal.test'],
      isolated: false,
    },
    {
      mac: '52:54:00:00:00:02',
      static: { address: '192.168.7.5', prefix: 16, gateway: '192.168.0.1' },
      dns: [],
      searchDomains: [],
      isolated: true,
    },
    { mac: '52:54:00:00:00:03', dns: [], searchDomains: [], isolated: false },
  ],
  locale: 'de_DE.UTF-8',
  keyboard: 'de',
  timezone: 'Europe/Berlin',
  rootPasswordHash: new Secret('$6$saltsalt$0123456789abcdefghijklmnopqrstuvwxyz./ABCDEF'),
  sshKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${'B'.repeat(44)} it's "Jo" $HOME; \`id\``],
  packages: ['nginx', 'htop'],
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

/** Nothing but what must be: DHCP, no keys, no packages. */
export const plainPlan: InstallPlan = {
  runId: 'run-2',
  machine: { name: 'plain', firmware: 'uefi', diskMiB: 20480 },
  os: 'debian-12',
  hostname: 'plain',
  networks: [{ mac: '52:54:00:00:00:09', dns: [], searchDomains: [], isolated: false }],
  locale: 'en_US.UTF-8',
  keyboard: 'us',
  timezone: 'UTC',
  rootPasswordHash: richPlan.rootPasswordHash,
  sshKeys: [],
  packages: [],
}

/** The first card with another address. */
export function withAddress(address: string, prefix: number, gateway?: string): InstallPlan {
  const [first, ...others] = richPlan.networks
  if (!first) throw new Error('a plan has a network')
  return {
    ...richPlan,
    networks: [
      { ...first, dns: [], static: { address, prefix, ...(gateway === undefined ? {} : { gateway }) } },
      ...others,
    ],
  }
}

export const urls: GuestUrls = guestUrls('http://10.20.0.2:8080', 'token-0123456789')

const all = createCatalog(builtinReleases)

/** The releases that a boot server can start. */
export const catalog = { find: all.findBootable }

export function releaseOf<Installer extends CatalogRelease['installer']>(
  installer: Installer,
  id: string,
): Extract<CatalogRelease, { installer: Installer }> {
  const release = all.find(id)
  if (release?.installer !== installer) throw new Error(`${id} is not installed by ${installer}`)
  return release as Extract<CatalogRelease, { installer: Installer }>
}
