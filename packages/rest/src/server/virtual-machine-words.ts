import type { Install, InstallInput, Machine, MachineInput, MachineUpdate, VirtkitServices } from '@virtkit/core'
import type { BodyOf } from '../contract/operation.ts'
import type { virtualMachines } from '../contract/resources/virtual-machines.ts'
import { toNanoseconds } from './durations.ts'
import { osKeyOf, osOf } from './os-keys.ts'
import { readAll } from './read-all.ts'
import { diskMiBOf, memoryMiBOf, sizeOf } from './wire-sizes.ts'

type Catalog = VirtkitServices['catalog']

export function toMachineInput(catalog: Catalog, body: BodyOf<typeof virtualMachines.create>): MachineInput {
  const { name, owner, cpu, ram, disc, oskey, clusterkey, datastore, thickprovisioning, firmware, networks } = body
  return {
    name,
    owner,
    cluster: clusterkey,
    cpus: cpu,
    datastore,
    ...readAll({
      os: () => osOf(catalog, oskey),
      memoryMiB: () => memoryMiBOf(ram),
      diskMiB: () => diskMiBOf(disc),
    }),
    ...(thickprovisioning !== undefined && { provisioning: thickprovisioning ? 'thick' : 'thin' }),
    ...(firmware && { firmware }),
    ...(networks && { networks: networks.map((network) => ({ network })) }),
  }
}

/** A key that says no more of a machine's system than what it has says nothing new of it. */
export function toMachineUpdate(
  catalog: Catalog,
  before: Machine,
  body: BodyOf<typeof virtualMachines.update>,
): MachineUpdate {
  const { name, owner, cpu, ram, disc, oskey, clusterkey, datastore } = body
  return {
    name,
    owner,
    cluster: clusterkey,
    cpus: cpu,
    datastore,
    ...readAll({
      os: () => (oskey === osKeyOf(catalog, before.os) ? before.os : osOf(catalog, oskey)),
      memoryMiB: () => memoryMiBOf(ram),
      diskMiB: () => diskMiBOf(disc),
    }),
  }
}

export function toVirtualMachine(catalog: Catalog, machine: Machine) {
  return {
    key: machine.key,
    owner: machine.owner,
    name: machine.name,
    cpu: machine.cpus,
    ram: sizeOf(machine.memoryMiB),
    disc: sizeOf(machine.diskMiB),
    datastore: machine.datastore,
    oskey: osKeyOf(catalog, machine.os),
    clusterkey: machine.cluster,
    networks: machine.networks.map(({ network }) => network),
    deployed: machine.state === 'deployed' || machine.state === 'template',
    scheduleddeletion: toNanoseconds(machine.scheduledDeletionAt ?? 0),
    installparameters: machine.installParameters ?? 0,
    status: machine.state,
    thickprovisioning: machine.provisioning === 'thick',
    firmware: machine.firmware,
    ...(machine.placedDatastore !== undefined && { placeddatastore: machine.placedDatastore }),
  }
}

export function toInstallInput(body: BodyOf<typeof virtualMachines.install>): InstallInput {
  const { thickprovisioning, locale, keyboard, password, timezone, sshkeys, packages, boot } = body
  return {
    ...(thickprovisioning !== undefined && { provisioning: thickprovisioning ? 'thick' : 'thin' }),
    ...(locale !== undefined && { locale }),
    ...(keyboard !== undefined && { keyboard }),
    ...(password !== undefined && { passwordHash: password }),
    ...(timezone !== undefined && { timezone }),
    ...(sshkeys && { sshKeys: sshkeys }),
    ...(packages && { packages }),
    ...(boot && { boot }),
  }
}

export function toInstall(install: Install) {
  const { runId, machine, operation, phase, percent, detail, createdAt, endedAt, phases, trace, consoleTail } = install
  return {
    id: runId,
    vmkey: machine,
    operation,
    phase,
    percent,
    ...(detail !== undefined && { detail }),
    creationdate: toNanoseconds(createdAt),
    ...(endedAt !== undefined && { enddate: toNanoseconds(endedAt) }),
    phases: phases.map((each) => ({
      phase: each.phase,
      startdate: toNanoseconds(each.startedAt),
      ...(each.durationMs !== undefined && { duration: each.durationMs }),
    })),
    ...(trace !== undefined && { trace }),
    ...(consoleTail && { console: [...consoleTail] }),
  }
}
