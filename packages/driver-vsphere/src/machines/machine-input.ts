import { type InputProblem, type NicSpec, invalidInput, isVirtkitError, parseMac } from '@virtkit/spi'
import type { Place, Places } from '../places/places.ts'

/** Refuses with everything that is wrong at once, or does nothing. */
export function throwProblems(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw invalidInput(problems)
}

export function nameProblems(name: unknown): InputProblem[] {
  const length = typeof name === 'string' ? [...name].length : -1
  if (length >= 1 && length <= 80) return []
  return [{ field: 'name', problem: 'must be a text of 1 to 80 characters' }]
}

export function wholeNumberProblems(field: string, value: unknown, least: number): InputProblem[] {
  if (Number.isSafeInteger(value) && (value as number) >= least) return []
  return [{ field, problem: `must be a whole number of at least ${least}` }]
}

/** vSphere counts memory in steps of four. */
export function memoryProblems(memoryMiB: unknown): InputProblem[] {
  const problems = wholeNumberProblems('memoryMiB', memoryMiB, 4)
  if (problems.length > 0 || (memoryMiB as number) % 4 === 0) return problems
  return [{ field: 'memoryMiB', problem: 'must be a multiple of 4' }]
}

export interface WantedNic {
  readonly network: Place
  readonly mac: string
}

/** Finds the networks of cards and writes their addresses in one way. */
export function readNics(
  places: Places,
  datacenter: Place | undefined,
  nics: readonly NicSpec[],
  problems: InputProblem[],
): readonly WantedNic[] {
  if (!Array.isArray(nics)) {
    problems.push({ field: 'nics', problem: 'must be a list' })
    return []
  }
  if (nics.length > 10) problems.push({ field: 'nics', problem: 'a machine has at most 10 network cards' })
  const here = places.networks().filter((each) => !datacenter || places.datacenterOf(each)?.ref.id === datacenter.ref.id)
  const seen = new Set<string>()
  return nics.flatMap((nic: NicSpec, i) => {
    const network = here.find((each) => each.name === nic.network)
    if (!network) {
      const hint = `known: ${here
        .slice(0, 20)
        .map((each) => each.name)
        .join(', ')}`
      problems.push({ field: `nics[${i}].network`, problem: `there is no network ${JSON.stringify(nic.network)}`, hint })
    }
    const mac = readMac(nic.mac, `nics[${i}].mac`, problems)
    if (mac !== undefined && seen.has(mac)) problems.push({ field: `nics[${i}].mac`, problem: `${mac} is there twice` })
    if (mac !== undefined) seen.add(mac)
    return network && mac !== undefined ? [{ network, mac }] : []
  })
}

function readMac(mac: string, field: string, problems: InputProblem[]): string | undefined {
  try {
    return parseMac(String(mac), field)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    problems.push(...error.details.problems)
    return undefined
  }
}
