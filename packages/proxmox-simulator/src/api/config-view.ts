import { type Machine, type MachineConfig, digestOf } from '../world/machine.ts'
import { configParameters } from './machine-parameters.ts'
import { parameterNamed } from './parameters.ts'

/** Numbers go over the wire where the API describes a number or a boolean; `memory` and `agent` are strings. */
export function wireValue(key: string, value: string): string | number {
  const type = parameterNamed(configParameters, key)?.type ?? 'string'
  return type === 'string' ? value : Number(value)
}

const secret = '**********'

const shown = (key: string, value: string): string | number => (key === 'cipassword' ? secret : wireValue(key, value))

export function configView(config: MachineConfig): Record<string, unknown> {
  return Object.fromEntries([...config].map(([key, value]) => [key, shown(key, value)]))
}

/** `/config`: what the machine will have at its next start, or with `current` what it has. */
export function machineConfigView(machine: Machine, current: boolean): Record<string, unknown> {
  const config = new Map(machine.config)
  if (!current) {
    for (const [key, value] of machine.pending) {
      if (value === undefined) config.delete(key)
      else config.set(key, value)
    }
  }
  return {
    ...configView(config),
    ...(machine.parent !== undefined && { parent: machine.parent }),
    ...(machine.lock !== undefined && { lock: machine.lock }),
    digest: digestOf(machine),
  }
}

/** `/pending`: one line for each key, with what it is and what it is to be. */
export function pendingView(machine: Machine): Record<string, unknown>[] {
  const { parent, lock, digest } = { parent: machine.parent, lock: machine.lock, digest: digestOf(machine) }
  const extra = Object.entries({ parent, lock, digest }).filter(([, value]) => value !== undefined)
  const lines: Record<string, unknown>[] = [...machine.config].map(([key, value]) => ({
    key,
    value: shown(key, value),
    ...pendingOf(machine, key),
  }))
  for (const [key, value] of extra) lines.push({ key, value })
  for (const [key, value] of machine.pending) {
    if (!machine.config.has(key) && value !== undefined) lines.push({ key, pending: value })
  }
  return lines
}

/** What waits is told as it stands in the file: a string, also for numbers. */
function pendingOf({ pending }: Machine, key: string): Record<string, unknown> {
  if (!pending.has(key)) return {}
  const value = pending.get(key)
  return value === undefined ? { delete: 1 } : { pending: key === 'cipassword' ? secret : value }
}
