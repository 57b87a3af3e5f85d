import { notFound, type CloneSpec, type InputProblem, type MachineSpec, type TemplateOperations } from '@virtkit/spi'
import type { Session } from '../session.ts'
import { customisationFiles } from '../world/customisation.ts'
import { checkKey, throwProblems, wholeNumberProblems } from '../world/input.ts'
import { defined, draftMachine } from '../world/machine-spec.ts'
import { machineInfo } from '../world/machine-view.ts'
import { conflict } from '../world/world-core.ts'
import type { MachineState } from '../world/world-state.ts'

export function templateOperations(session: Session): TemplateOperations {
  const { core } = session.simulator
  return {
    list: (call) =>
      session.perform({
        method: 'templates.list',
        call,
        run: () => [...core.state.machines.values()].filter((machine) => machine.isTemplate).map(machineInfo),
      }),
    register: (owned, call) =>
      session.perform({
        method: 'templates.register',
        call,
        subject: owned,
        run: () => {
          const machine = core.getOwned(owned)
          if (machine.isTemplate) return
          if (machine.power !== 'off') throw conflict(`${machine.name} must be off to become a template.`, 'power')
          machine.isTemplate = true
          core.tell('changed', owned.ref)
        },
      }),
    clone: (ref, spec, call) =>
      session.perform({
        method: 'templates.clone',
        call,
        subject: { ref, key: call.key, name: spec.name },
        run: () => {
          checkKey(call.key)
          const made = core.findByKey(call.key)
          if (made) return machineInfo(made)
          const template = core.state.machines.get(ref)
          if (!template?.isTemplate) throw notFound('template', ref)
          throwProblems(cloneProblems(template, spec))
          const files = {
            ...template.files,
            ...(spec.customisation ? customisationFiles(spec.customisation, spec.nics) : {}),
          }
          return machineInfo(core.add(draftMachine(core.state, machineSpec(template, spec), files), call.key))
        },
      }),
  }
}

function cloneProblems(template: MachineState, spec: CloneSpec): InputProblem[] {
  const problems: InputProblem[] = []
  const size = template.disks[0]?.sizeMiB
  if (spec.diskSizeMiB !== undefined) {
    problems.push(...wholeNumberProblems('diskSizeMiB', spec.diskSizeMiB, 1))
    if (size === undefined) problems.push({ field: 'diskSizeMiB', problem: 'the template has no disk' })
    else if (spec.diskSizeMiB < size)
      problems.push({ field: 'diskSizeMiB', problem: `the template's disk has ${size} MiB` })
  }
  const networks = spec.customisation?.networks.length ?? 0
  if (networks > spec.nics.length) {
    const problem = `${networks} networks for ${spec.nics.length} network cards`
    problems.push({ field: 'customisation.networks', problem })
  }
  return problems
}

function machineSpec(template: MachineState, spec: CloneSpec): MachineSpec {
  const { name, placement, nics, cpus = template.cpus, memoryMiB = template.memoryMiB } = spec
  const { firmware, guestOs, notes } = template
  // Disks follow the placement; without one they stay where the template's are.
  const elsewhere = placement.datastore ?? placement.host ?? placement.datacenter
  const disks = template.disks.map(({ sizeMiB, provisioning, datastore }, i) => ({
    provisioning,
    sizeMiB: i === 0 ? (spec.diskSizeMiB ?? sizeMiB) : sizeMiB,
    ...(elsewhere === undefined ? { datastore } : {}),
  }))
  return { ...defined({ guestOs, notes }), name, placement, nics, cpus, memoryMiB, firmware, disks }
}
