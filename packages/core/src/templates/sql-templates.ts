import { type MachineInfo, notFound } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By, ByKey } from '../access/actor.ts'
import { conflict, explainClash, nameTaken } from '../access/clash.ts'
import type { Clusters } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import { diskMiBOf, unknownSystem } from '../machines/import-rules.ts'
import { markOf, parseMachineShape } from '../machines/machine-rules.ts'
import type { Machines } from '../machines/machines.ts'
import { type PaperParts, putOnPaper } from '../machines/put-on-paper.ts'
import type { Networks } from '../networks/networks.ts'
import type { Operation, Operations } from '../operations/operations.ts'
import { type CloneParts, cloneMachine, templatesOf } from './clone-machine.ts'
import { registerTemplate } from './register-template.ts'
import { parseClone, sizeOfClone } from './template-rules.ts'
import type { CloneInput, StartedClone, Template, Templates } from './templates.ts'

export interface TemplateParts extends CloneParts, PaperParts {
  readonly access: Access
  readonly ids: () => string
  readonly installation: string
  readonly operations: Operations
  readonly clusters: Clusters
  readonly networks: Networks
  readonly machines: Machines
}

const listMs = 60_000

export class SqlTemplates implements Templates {
  readonly #parts: TemplateParts
  readonly #clone: ReturnType<typeof cloneMachine>
  readonly #register: ReturnType<typeof registerTemplate>

  constructor(parts: TemplateParts) {
    this.#parts = parts
    this.#clone = cloneMachine(parts)
    this.#register = registerTemplate(parts)
    parts.operations.register(this.#clone)
    parts.operations.register(this.#register)
  }

  async list(clusterKey: number, by?: By): Promise<readonly Template[]> {
    this.#parts.access.require(by, 'machines:read')
    await this.#parts.clusters.get(clusterKey, by)
    const found = await this.#found(clusterKey)
    const ours = new Map((await this.#ours(clusterKey)).map(({ key, ref }) => [ref, key]))
    const templates = found.map((info): Template => {
      const { name, cpus, memoryMiB, firmware, ref } = info
      const machine = ours.get(ref)
      const size = { cpus, memoryMiB, diskMiB: diskMiBOf(info) }
      return { name, cluster: clusterKey, ...(machine !== undefined && { machine }), ...size, firmware }
    })
    return templates.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  async register(machineKey: number, by?: ByKey): Promise<Operation> {
    const { access, database, machines, operations } = this.#parts
    access.require(by, 'machines:write')
    const machine = await machines.get(machineKey, by)
    if (machine.state !== 'deployed') {
      throw conflict(`${machine.name} is not deployed.`, { field: 'state', with: machine.state })
    }
    const request = { input: { machine: machineKey }, ...requestOf(machineKey, machine, by) }
    return database.transaction((queries) => operations.submit(queries, this.#register, request))
  }

  async clone(input: CloneInput, by?: ByKey): Promise<StartedClone> {
    const { access, clusters, database, machines, networks, operations } = this.#parts
    const groups = access.groupsOf(access.require(by, 'machines:write'))
    const asked = parseClone(input)
    if (groups !== 'all' && !groups.includes(asked.owner)) throw notFound('user group', asked.owner)
    await clusters.get(asked.cluster, by)
    const known = by?.key === undefined ? undefined : await this.#byKey(by.key, asked, by)
    if (known) return known
    const template = oneOf(asked.template, await this.#found(asked.cluster))
    const { template: _, sshKeys = [], ...own } = asked
    const ours = (await this.#ours(asked.cluster)).find(({ ref }) => ref === template.ref)
    const machine = parseMachineShape({ ...own, os: ours?.os ?? unknownSystem, ...sizeOfClone(asked, template) })
    for (const card of machine.networks ?? []) await networks.get(card.network, by)
    const write = database.transaction(async (queries) => {
      const key = await this.#onPaper(queries, machine, template)
      const request = { input: { machine: key, template: template.ref, sshKeys }, ...requestOf(key, machine, by) }
      return { key, operation: await operations.submit(queries, this.#clone, request) }
    })
    const { key, operation } = await explainClash(write, {
      unique: (cause) => nameTaken('machine', machine.name, 'name', cause),
    })
    return { machine: await machines.get(key, by), operation }
  }

  /** What the first call with this key made. */
  async #byKey(key: string, asked: CloneInput, by: ByKey | undefined): Promise<StartedClone | undefined> {
    const { database, machines, operations } = this.#parts
    const row = await database.queries
      .selectFrom('operations')
      .select(['id', 'kind', 'input'])
      .where('key', '=', key)
      .executeTakeFirst()
    if (!row) return undefined
    const { machine: machineKey } = JSON.parse(row.input) as { machine: number }
    const machine = row.kind === this.#clone.kind ? await machines.get(machineKey, by) : undefined
    if (machine?.name === asked.name && machine.owner === asked.owner && machine.cluster === asked.cluster) {
      return { machine, operation: await operations.get(row.id) }
    }
    throw conflict('This idempotency key stands for something else.', { field: 'key', with: key })
  }

  async #onPaper(
    queries: Parameters<typeof putOnPaper>[1],
    machine: ReturnType<typeof parseMachineShape>,
    template: MachineInfo,
  ): Promise<number> {
    const { events, ids, installation, machineNetworks } = this.#parts
    const { name, owner, cluster, os, cpus, memoryMiB, diskMiB, datastore = 'auto' } = machine
    const key = await putOnPaper(this.#parts, queries, {
      name,
      ownerKey: owner,
      clusterKey: cluster,
      os,
      cpus,
      memoryMiB,
      diskMiB,
      datastore,
      provisioning: template.disks[0]?.provisioning ?? 'thin',
      firmware: template.firmware,
      state: 'cloning',
      mark: markOf(installation, ids()),
    })
    await machineNetworks.attach(queries, { key, cluster }, machine.networks ?? [])
    const data = { name, cluster, owner, os }
    await events.append(queries, { type: 'machine.created', subject: `machine/${key}`, data })
    return key
  }

  async #found(clusterKey: number): Promise<readonly MachineInfo[]> {
    const call = { signal: AbortSignal.timeout(listMs) }
    return onHypervisor(this.#parts.connections, clusterKey, call, (hypervisor) => templatesOf(hypervisor).list(call))
  }

  #ours(clusterKey: number): Promise<readonly { key: number; ref: string | null; os: string }[]> {
    return this.#parts.database.queries
      .selectFrom('machines')
      .select(['key', 'ref', 'os'])
      .where('clusterKey', '=', clusterKey)
      .where('state', '=', 'template')
      .execute()
  }
}

function oneOf(name: string, templates: readonly MachineInfo[]): MachineInfo {
  const [found, another] = templates.filter((template) => template.name === name)
  if (!found) throw notFound('template', name)
  if (another) throw conflict(`The cluster has several templates named ${name}.`, { field: 'template', with: name })
  return found
}

function requestOf(
  key: number,
  { owner, cluster }: { owner: number; cluster: number },
  by?: ByKey,
): { subject: string; group: number; cluster: number; key?: string } {
  return { subject: `machine/${key}`, group: owner, cluster, ...(by?.key === undefined ? {} : { key: by.key }) }
}
