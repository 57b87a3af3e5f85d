import { type InputProblem, invalidInput } from '@virtkit/spi'
import type { BootFiles } from './boot-files/boot-files.ts'
import type { CatalogRelease } from './catalog/netboot-release.ts'
import { type BootPrograms, createBootMedium } from './iso/boot-medium.ts'
import { urlPattern } from './plan/grammars.ts'
import type { PublishedImagesOptions } from './published/published-images.ts'
import type { BootServerLimits } from './server/limits.ts'
import type { TftpLimits } from './tftp/limits.ts'
import type { NetworkPrograms } from './tftp/netboot-files.ts'

export interface NetbootOptions {
  /**
   * Where the boot server listens. Port 0 takes any that is free. `false`: this process makes media and serves none of it; another one,
   * with the same database, serves at `publicOrigin`.
   */
  readonly listen: { readonly host: string; readonly port: number } | false
  /**
   * Where guests reach it, when that is not where it listens: `http://boot.example.com:8080`, without a path. Needed when it
   * listens on all addresses.
   */
  readonly publicOrigin?: string
  /** `directoryBootFiles`, `mirrorBootFiles`, `memoryBootFiles`, or one of your own. */
  readonly bootFiles: BootFiles
  /** Default: `builtinReleases`. */
  readonly releases?: readonly CatalogRelease[]
  /** What firmware starts from the medium. Without them the medium holds the script and says that nothing can run it. */
  readonly bootPrograms?: BootPrograms
  /** Where the images of releases are kept that are installed from their publisher's own medium. Left out: they have none. */
  readonly publishedImages?: PublishedImagesOptions
  readonly limits?: Partial<BootServerLimits>
  /** Serves by TFTP too, for machines that boot from the network. Left out: it does not. */
  readonly tftp?: TftpOptions
}

export interface TftpOptions {
  /** Default: where the boot server listens. */
  readonly host?: string
  /** Firmware asks at 69, which needs a privilege on most systems; port 0 takes any that is free. */
  readonly port: number
  /** What firmware loads first. Which name it asks for, the site's DHCP server tells it. */
  readonly programs?: NetworkPrograms
  readonly limits?: Partial<TftpLimits>
}

/** Throws `INVALID_INPUT` with every problem. */
export function checkOptions(options: NetbootOptions): void {
  const problems: InputProblem[] = []
  const { publicOrigin, bootFiles, limits } = options
  const listen = options.listen === false ? elsewhere : options.listen
  if (options.listen === false && publicOrigin === undefined) {
    const hint = 'name the origin of the process that serves'
    problems.push({ field: 'publicOrigin', problem: 'is needed where nothing is served', hint })
  }
  if (options.listen === false && options.tftp) {
    problems.push({ field: 'tftp', problem: 'is served by the process that listens', hint: 'leave it out' })
  }
  if (typeof listen?.host !== 'string' || listen.host === '') {
    problems.push({ field: 'listen.host', problem: 'is needed', hint: "write it like '10.20.0.2' or '127.0.0.1'" })
  }
  if (!isPort(listen?.port)) problems.push(noPort('listen.port'))
  if (options.tftp && !isPort(options.tftp.port)) problems.push(noPort('tftp.port'))
  if (options.tftp?.host === '') problems.push({ field: 'tftp.host', problem: 'is empty', hint: 'leave it out' })
  if (publicOrigin !== undefined && !isOrigin(publicOrigin)) {
    const hint = "write it like 'http://boot.example.com:8080'"
    problems.push({ field: 'publicOrigin', problem: 'must be an http or https origin without a path', hint })
  }
  if (publicOrigin === undefined && (listen?.host === '0.0.0.0' || /^[0:]+$/.test(listen?.host ?? ''))) {
    const hint = 'set it to what guests should call, or listen on one address'
    problems.push({ field: 'publicOrigin', problem: `is needed when listening on all addresses (${listen.host})`, hint })
  }
  if (typeof bootFiles?.open !== 'function') {
    const hint = 'use mirrorBootFiles({ cacheDirectory }), directoryBootFiles({ path }) or memoryBootFiles(files)'
    problems.push({ field: 'bootFiles', problem: 'is needed', hint })
  }
  if (options.publishedImages && !options.publishedImages.cacheDirectory) {
    problems.push({ field: 'publishedImages.cacheDirectory', problem: 'is needed', hint: 'name a folder for large files' })
  }
  const unbootable = problemOfPrograms(options.bootPrograms)
  if (unbootable !== undefined) problems.push({ field: 'bootPrograms', problem: unbootable })
  for (const [field, given] of [['limits', limits] as const, ['tftp.limits', options.tftp?.limits] as const]) {
    for (const [name, value] of Object.entries(given ?? {})) {
      if (Number.isInteger(value) && value >= 1) continue
      problems.push({ field: `${field}.${name}`, problem: 'must be a whole number from 1 on' })
    }
  }
  if (problems.length > 0) throw invalidInput(problems)
}

/** Stands in for an address that nobody listens at. */
const elsewhere = { host: 'elsewhere', port: 0 }

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65535
}

function noPort(field: string): InputProblem {
  return { field, problem: 'must be a whole number from 0 to 65535', hint: '0 takes any free port' }
}

/** Writing a medium is quick, and says best what is wrong with its programs. */
function problemOfPrograms(programs: BootPrograms | undefined): string | undefined {
  try {
    createBootMedium('#!ipxe\n', programs)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be put on a medium'
  }
}

export function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && urlPattern.test(text) && URL.canParse(text) && !/^https?:\/\/.*\//.test(text)
}
