import {
  type CloneSpec,
  type GuestCustomisation,
  type InputProblem,
  type MachineInfo,
  type TemplateOperations,
  notFound,
} from '@virtkit/spi'
import type { PveCall } from '../client/pve-call.ts'
import type { PveParams } from '../client/transport.ts'
import { flag, number, record, records, text } from '../client/wire.ts'
import { conflict } from '../errors.ts'
import { hostNameOf } from '../machine/host-name.ts'
import { claimId } from '../machine/claim-id.ts'
import { formatFor } from '../machine/storage-kind.ts'
import type { Found, MachineReader } from '../machine/machine-reader.ts'
import { serverNameOf, withMark, withTag } from '../machine/mark.ts'
import { reconfigure } from '../machine/reconfigure.ts'
import { keyProblems, specProblems } from '../machine/spec-problems.ts'
import type { Session } from '../session.ts'
import { type Place, findPlace } from '../site/placement.ts'
import { ofEveryNode, readNodes } from '../site/site.ts'

const onePath = '/nodes/{node}/qemu/{vmid}'

export function templateOperations(session: Session, reader: MachineReader): TemplateOperations {
  return {
    list: (call) =>
      session.perform(call, async (pve) => {
        const lines = await ofEveryNode(await readNodes(pve), async (node) =>
          records(await pve.get('/nodes/{node}/qemu', { node })),
        )
        const all: MachineInfo[] = []
        for (const line of lines.filter((each) => flag(each['template']))) {
          const found = await reader.find(pve, String(number(line['vmid'])))
          if (found) all.push(found.info)
        }
        return all
      }),
    register: (machine, call) =>
      session.perform(call, (pve) =>
        session.queue.run(Number(machine.ref), async () => {
          const { node, vmid, info } = await reader.owned(pve, machine)
          if (info.isTemplate) return
          if (info.power !== 'off') throw conflict('The machine must be off before it becomes a template.', 'power')
          const list = records(await pve.get(`${onePath}/snapshot`, { node, vmid }))
          if (list.length > 1) throw conflict('A machine with snapshots cannot become a template.', 'snapshots')
          await pve.change({ method: 'POST', path: `${onePath}/template`, at: { node, vmid } })
        }),
      ),
    clone: (template, spec, call) =>
      session.perform(call, async (pve) => {
        const there = keyProblems(call.key).length === 0 ? await reader.byKey(pve, call.key) : undefined
        const source = there && !there.mark?.unfinished ? undefined : await templateOf(pve, reader, template)
        if (!source) return (there ?? (await reader.get(pve, template))).info
        const place = await placeFor(pve, session, source, spec, keyProblems(call.key))
        const made =
          there ??
          (await claimId({ session, reader }, pve, call.key, (vmid) => ({
            method: 'POST',
            path: `${onePath}/clone`,
            at: { node: source.node, vmid: source.vmid },
            params: cloneParams(vmid, spec, source, place, call.key),
          })))
        return session.queue.run(made.vmid, () => finish(pve, reader, made, spec, call.key, place))
      }),
  }
}

async function templateOf(pve: PveCall, reader: MachineReader, ref: string): Promise<Found> {
  const found = await reader.find(pve, ref)
  if (!found) throw notFound('template', ref)
  if (!found.info.isTemplate) throw conflict(`The machine ${ref} is no template.`, 'template')
  return found
}

/** A copy of the whole disks: what stands on a template would keep it from ever being destroyed. */
async function placeFor(
  pve: PveCall,
  session: Session,
  source: Found,
  spec: CloneSpec,
  before: readonly InputProblem[],
): Promise<Place> {
  const { info } = source
  const { name, cpus = info.cpus, memoryMiB = info.memoryMiB, nics, placement } = spec
  const problems = [...before, ...specProblems({ name, cpus, memoryMiB, nics, disks: [] })]
  const least = info.disks[0]?.sizeMiB ?? 0
  if (spec.diskSizeMiB !== undefined && (!Number.isSafeInteger(spec.diskSizeMiB) || spec.diskSizeMiB < least)) {
    problems.push({ field: 'diskSizeMiB', problem: `the template's disk has ${least} MiB, and disks only grow` })
  }
  problems.push(...customisationProblems(spec))
  const datastore = placement.datastore ?? info.disks[0]?.datastore
  const wish = { placement: { ...placement, ...(datastore !== undefined && { datastore }) }, disks: [], nics }
  // Disks on a storage of one node can be copied on that node only.
  const shared = await isShared(pve, source)
  return findPlace(pve, { ...wish, ...(!shared && { nodes: [source.node] }) }, session.options, problems)
}

async function isShared(pve: PveCall, { node, info }: Found): Promise<boolean> {
  const lines = records(await pve.get('/nodes/{node}/storage', { node }, { enabled: 1 }))
  const sharedNames = lines.filter((line) => flag(line['shared'])).map((line) => text(line['storage']))
  return info.disks.every(({ datastore }) => sharedNames.includes(datastore))
}

function cloneParams(vmid: number, spec: CloneSpec, source: Found, { node, main, pool }: Place, key: string): PveParams {
  const { format } = formatFor(main.type, source.info.disks[0]?.provisioning ?? 'thin') ?? {}
  const names = namesOf(spec)
  return {
    newid: vmid,
    name: serverNameOf(names),
    description: withMark(undefined, vmid, { key, unfinished: true, ...names }),
    full: 1,
    pool,
    ...(source.hardware.drives.length > 0 && { storage: main.name, format }),
    ...(node !== source.node && { target: node }),
  }
}

/** Gives the copy what was asked for. Whoever finds it unfinished does that again: nothing of it can be done twice. */
async function finish(
  pve: PveCall,
  reader: MachineReader,
  made: Found,
  spec: CloneSpec,
  key: string,
  { main }: Place,
): Promise<MachineInfo> {
  const ref = String(made.vmid)
  const { name, cpus, memoryMiB, diskSizeMiB, nics, customisation } = spec
  const found = await reader.get(pve, ref)
  await reconfigure(pve, found, {
    name,
    nics,
    ...(cpus !== undefined && { cpus }),
    ...(memoryMiB !== undefined && { memoryMiB }),
    ...(diskSizeMiB !== undefined && { diskSizesMiB: [diskSizeMiB] }),
  })
  const { node, vmid, config, tags } = await reader.get(pve, ref)
  const names = namesOf(spec)
  const params = {
    name: serverNameOf(names),
    description: withMark(text(config['description']), vmid, { key, unfinished: false, ...names }),
    tags: withTag(tags, key),
    ...(customisation && cloudInit(customisation, hasCloudDrive(config) ? undefined : main.name)),
  }
  await pve.change({ method: 'PUT', path: `${onePath}/config`, at: { node, vmid }, params })
  return (await reader.get(pve, ref)).info
}

function namesOf({ name, customisation }: CloneSpec): { readonly name: string; readonly hostName?: string } {
  return { name, ...(customisation && { hostName: customisation.hostname }) }
}

function hasCloudDrive(config: Readonly<Record<string, unknown>>): boolean {
  return Object.values(record(config)).some((value) => /(?:^|[:/-])(?:vm-\d+-)?cloudinit(?:[.,]|$)/.test(text(value) ?? ''))
}

/** The server renders a NoCloud drive from these at each start; the name that it has the machine by is the host name. */
function cloudInit({ networks, sshKeys }: GuestCustomisation, storage: string | undefined): PveParams {
  const dns = networks.flatMap((network) => network?.dns ?? [])
  return {
    ...(storage !== undefined && { ide0: `${storage}:cloudinit` }),
    citype: 'nocloud',
    ...Object.fromEntries(networks.map((network, index) => [`ipconfig${index}`, ipConfig(network)])),
    ...(dns.length > 0 && { nameserver: [...new Set(dns)].join(' ') }),
    // Escaped once for the file, and once more on the wire.
    ...(sshKeys.length > 0 && { sshkeys: encodeURIComponent(sshKeys.join('\n')) }),
  }
}

function ipConfig(network: GuestCustomisation['networks'][number]): string {
  if (!network) return 'ip=dhcp'
  const six = network.address.includes(':') ? '6' : ''
  return [`ip${six}=${network.address}`, ...(network.gateway === undefined ? [] : [`gw${six}=${network.gateway}`])].join(
    ',',
  )
}

function customisationProblems({ customisation }: CloneSpec): InputProblem[] {
  if (!customisation) return []
  const { hostname } = customisation
  if (hostname.length <= 253 && hostNameOf(hostname) === hostname) return []
  const hint = 'labels of 1 to 63 letters, digits and dashes, with dots between'
  return [{ field: 'customisation.hostname', problem: 'is no host name', hint }]
}
