import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'

const folder = '/usr/share/osinfo/os'

/** Our releases by the file that describes them in osinfo-db; newer ones than the package are ours alone. */
const described: Readonly<Record<string, string>> = {
  'debian-11': 'debian.org/debian-11',
  'ubuntu-20.04': 'ubuntu.com/ubuntu-20.04',
  'ubuntu-22.04': 'ubuntu.com/ubuntu-22.04',
  'rocky-9': 'rockylinux.org/rocky-9',
  'almalinux-9': 'almalinux.org/almalinux-9',
  'centos-stream-9': 'centos.org/centos-stream-9',
  'rhel-9': 'redhat.com/rhel-9-unknown',
  'opensuse-tumbleweed': 'opensuse.org/opensuse-tumbleweed',
  'windows-server-2016': 'microsoft.com/win-2k16',
  'windows-server-2019': 'microsoft.com/win-2k19',
  'windows-server-2022': 'microsoft.com/win-2k22',
}

interface OsinfoOs {
  readonly '@_id': string
  readonly 'release-date'?: string
  readonly 'eol-date'?: string
  readonly resources?: readonly { '@_arch': string; minimum?: OsinfoSize; recommended?: OsinfoSize }[]
  readonly image?: readonly { '@_arch': string; url?: string }[]
}

interface OsinfoSize {
  readonly 'n-cpus'?: string
  readonly ram?: string
  readonly storage?: string
}

/** Why the package cannot be read here, if so. */
export function lacksOsinfo(): string | undefined {
  return existsSync(folder) ? undefined : `there is no ${folder}`
}

/** What the package says of our releases. */
export function osinfoFacts(): Record<string, object> {
  return Object.fromEntries(Object.entries(described).map(([id, file]) => [id, factsOf(file)]))
}

/** What `src/catalog/osinfo.generated.ts` is to be, made from the package. */
export function renderOsinfoFacts(): string {
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'osinfo-db'], { encoding: 'utf8' })
  const entries = Object.entries(osinfoFacts()).map(([id, facts]) => `  '${id}': ${literal(facts)},`)
  return [
    "import type { OsinfoFacts } from './sizes.ts'",
    '',
    `// Made by \`npm run osinfo\` from Debian's osinfo-db ${version}. Do not edit.`,
    '',
    'export const osinfo: Readonly<Record<string, OsinfoFacts>> = {',
    ...entries,
    '}',
    '',
  ].join('\n')
}

function factsOf(file: string): object {
  const lists = new Set(['resources', 'image'])
  const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, isArray: (name) => lists.has(name) })
  const document = parser.parse(readFileSync(join(folder, `${file}.xml`), 'utf8')) as { libosinfo: { os: OsinfoOs } }
  const { os } = document.libosinfo
  const resources = (arch: string) => os.resources?.find((each) => each['@_arch'] === arch)
  const [own, all] = [resources('x86_64'), resources('all')]
  return {
    osinfo: os['@_id'],
    releasedAt: os['release-date'],
    endOfLife: os['eol-date'],
    minimum: sizeOf({ ...all?.minimum, ...own?.minimum }),
    recommended: sizeOf({ ...all?.recommended, ...own?.recommended }),
    cloudImage: os.image?.find(isCloudImage)?.url,
  }
}

/** The one that follows updates, for every kind of hypervisor. */
function isCloudImage({ '@_arch': arch, url = '' }: { '@_arch': string; url?: string }): boolean {
  return arch === 'x86_64' && /\.(?:qcow2|img)$/.test(url) && /latest|current/.test(url) && !/nocloud|generic-/.test(url)
}

function sizeOf(size: OsinfoSize): Record<string, number> | undefined {
  if (size.ram === undefined && size.storage === undefined) return undefined
  const mebibytes = (bytes = '0'): number => Math.ceil(Number(bytes) / 1024 ** 2)
  return { cpus: Number(size['n-cpus'] ?? 1), memoryMiB: mebibytes(size.ram), diskMiB: mebibytes(size.storage) }
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  return `{ ${fields.map(([name, each]) => `${name}: ${literal(each)}`).join(', ')} }`
}
