import {
  type AnyDriver,
  type Call,
  type Hypervisor,
  type InputProblem,
  type SchemaIssue,
  VirtkitError,
  invalidInput,
  toVirtkitError,
} from '@virtkit/spi'
import { fieldOf } from '../options/problems.ts'
import { credentialFields } from './cluster-rules.ts'
import type { ClusterCheck } from './clusters.ts'
import type { OpenCredentials } from './credential-vault.ts'

/** What a session is opened from. */
export interface Endpoint {
  readonly type: string
  readonly credentials: OpenCredentials
  /** The driver's own. */
  readonly options: Readonly<Record<string, unknown>>
}

const checkTimeoutMs = 60_000
const facets = [
  'inventory',
  'machines',
  'power',
  'media',
  'guest',
  'console',
  'snapshots',
  'templates',
  'watch',
  'privileges',
] as const

/** Finds the driver of a cluster, has it check the options, and opens sessions. */
export class ClusterConnector {
  readonly #drivers: readonly AnyDriver[]

  constructor(drivers: readonly AnyDriver[]) {
    this.#drivers = drivers
  }

  /** Throws `INVALID_INPUT` for a type that no driver has, and for each option that its driver refuses. */
  async validate(endpoint: Endpoint): Promise<void> {
    await this.#parse(endpoint)
  }

  /** Throws what the driver's `connect` throws. */
  async connect(endpoint: Endpoint, call: Call): Promise<Hypervisor> {
    const { driver, options } = await this.#parse(endpoint)
    try {
      return await driver.connect(options, call)
    } catch (error) {
      throw toVirtkitError(error)
    }
  }

  /** Connects, asks, and hangs up. Throws `TIMEOUT` after a minute, and what the driver throws. */
  async check(endpoint: Endpoint): Promise<ClusterCheck> {
    const signal = AbortSignal.timeout(checkTimeoutMs)
    try {
      const hypervisor = await this.connect(endpoint, { signal })
      try {
        const { product, version } = hypervisor.about
        const missing = (await hypervisor.privileges?.missing({ signal })) ?? []
        return { product, version, ...abilitiesOf(hypervisor), missing }
      } finally {
        await hypervisor[Symbol.asyncDispose]()
      }
    } catch (error) {
      if (!signal.aborted) throw toVirtkitError(error)
      const details = { waitedFor: 'the hypervisor to answer', timeoutMs: checkTimeoutMs }
      throw new VirtkitError('TIMEOUT', 'The hypervisor did not answer within a minute.', { details, cause: error })
    }
  }

  async #parse(endpoint: Endpoint): Promise<{ driver: AnyDriver; options: never }> {
    const driver = this.#drivers.find((each) => each.name === endpoint.type)
    if (!driver) throw unknownType(endpoint.type, this.#drivers)
    try {
      const result = await driver.options['~standard'].validate({ ...endpoint.options, ...endpoint.credentials })
      if (result.issues === undefined) return { driver, options: result.value as never }
      throw invalidInput(result.issues.map(toProblem), `See the options of the driver ${driver.name}.`)
    } catch (error) {
      throw toVirtkitError(error)
    }
  }
}

function abilitiesOf(hypervisor: Hypervisor): Pick<ClusterCheck, 'facets' | 'absent' | 'supports'> {
  const supports = facets.flatMap((name) => {
    const facet: object = hypervisor[name] ?? {}
    return 'supports' in facet ? [[name, { ...(facet.supports as Record<string, boolean>) }] as const] : []
  })
  return {
    facets: facets.filter((facet) => hypervisor[facet] !== undefined),
    absent: facets.filter((facet) => hypervisor[facet] === undefined),
    supports: Object.fromEntries(supports),
  }
}

function unknownType(type: string, drivers: readonly AnyDriver[]): VirtkitError {
  const hint = `there are: ${drivers.map((each) => each.name).join(', ')}`
  return invalidInput([{ field: 'type', problem: `no driver is named ${JSON.stringify(type)}`, hint }])
}

function toProblem(issue: SchemaIssue): InputProblem {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  const room = credentialFields.some((name) => name === path[0]) ? 'credentials' : 'options'
  return { field: fieldOf([room, ...path]), problem: issue.message }
}
