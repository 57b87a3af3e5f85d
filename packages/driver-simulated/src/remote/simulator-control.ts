import { type MachineInfo, Secret, isVirtkitError } from '@virtkit/spi'
import { unavailable } from '../errors.ts'
import type { FaultRule, FaultState } from '../faults.ts'
import type { WorldDeed } from '../server/control-routes.ts'
import type { MachineOptions } from '../world/world-options.ts'
import type { World, WorldSummary } from '../world/world.ts'
import { HttpConnection } from './http-connection.ts'
import { readLines, reviveError } from './wire.ts'

/** The experimenter's hand on a simulator in another process; see `World` and `Faults` for what each does. */
export interface SimulatorControl {
  summary(): Promise<WorldSummary>
  addFault(rule: FaultRule): Promise<number>
  removeFault(id: number): Promise<void>
  clearFaults(): Promise<void>
  faults(): Promise<readonly FaultState[]>
  resetCalls(): Promise<void>
  readMedium(ref: string): Promise<Uint8Array>
  readDisk(ref: string, path: string): Promise<string | undefined>
  writeDisk(ref: string, files: Readonly<Record<string, string>>): Promise<void>
  readMemory(ref: string, key: string): Promise<string | undefined>
  writeMemory(ref: string, key: string, value: string): Promise<void>
  console(ref: string): Promise<readonly string[]>
  addMachine(options: MachineOptions): Promise<MachineInfo>
  removeMachine(ref: string): Promise<void>
  moveMachine(ref: string, host?: string): Promise<string>
  setHostOnline(name: string, online: boolean): Promise<void>
  close(): Promise<void>
}

/** Throws, with every method, `HYPERVISOR_UNAVAILABLE` and `UNAUTHENTICATED`. */
export function createSimulatorControl(options: {
  readonly url: string
  readonly username?: string
  readonly password?: Secret | string
}): SimulatorControl {
  const { url, username, password } = options
  const connection = new HttpConnection(url, username, typeof password === 'string' ? new Secret(password) : password)
  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Record<string, unknown>> => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await connection.ask({ method, path, changes: method !== 'GET', ...text })
    let answer: unknown
    try {
      for await (const line of readLines(response)) answer = line
    } catch (error) {
      throw isVirtkitError(error) ? error : connection.broken(error, method !== 'GET')
    }
    if (typeof answer !== 'object' || answer === null) throw unavailable('The simulator answered nothing.', 'unknown')
    if ('error' in answer) throw reviveError(answer.error)
    return { ...answer }
  }
  // Each deed has the same name and arguments on the other side, and answers the same.
  const deed = async <Name extends WorldDeed>(
    name: Name,
    ...args: Parameters<World[Name]>
  ): Promise<ReturnType<World[Name]>> =>
    (await ask('POST', '/world', { deed: name, args }))['result'] as ReturnType<World[Name]>
  return {
    summary: async () => (await ask('GET', '/world')) as unknown as WorldSummary,
    addFault: async (rule) => Number((await ask('POST', '/faults', rule))['id']),
    removeFault: async (id) => void (await ask('DELETE', `/faults/${id}`)),
    clearFaults: async () => void (await ask('DELETE', '/faults')),
    faults: async () => (await ask('GET', '/faults'))['faults'] as readonly FaultState[],
    resetCalls: async () => void (await ask('DELETE', '/calls')),
    readMedium: async (ref) => {
      const path = `/medium?ref=${encodeURIComponent(ref)}`
      const response = await connection.ask({ method: 'GET', path, changes: false })
      const chunks: Uint8Array[] = []
      for await (const chunk of response) chunks.push(chunk as Uint8Array)
      return Buffer.concat(chunks)
    },
    readDisk: (ref, path) => deed('readDisk', ref, path),
    writeDisk: (ref, files) => deed('writeDisk', ref, files),
    readMemory: (ref, key) => deed('readMemory', ref, key),
    writeMemory: (ref, key, value) => deed('writeMemory', ref, key, value),
    console: (ref) => deed('console', ref),
    addMachine: (machine) => deed('addMachine', machine),
    removeMachine: (ref) => deed('removeMachine', ref),
    moveMachine: (ref, host) => deed('moveMachine', ref, host),
    setHostOnline: (name, online) => deed('setHostOnline', name, online),
    close: () => connection.close(),
  }
}
