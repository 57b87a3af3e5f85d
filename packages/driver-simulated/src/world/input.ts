import { invalidInput, parseMac, isVirtkitError, type InputProblem, type NicSpec } from '@virtkit/spi'
import type { NicState, WorldState } from './world-state.ts'

/** Refuses with everything that is wrong at once, or does nothing. */
export function throwProblems(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw invalidInput(problems)
}

export function nameProblems(field: string, name: unknown, most: number, least = 1): InputProblem[] {
  const length = typeof name === 'string' ? [...name].length : -1
  if (length >= least && length <= most) return []
  return [{ field, problem: `must be a text of ${least} to ${most} characters` }]
}

export function wholeNumberProblems(field: string, value: unknown, least: number): InputProblem[] {
  if (Number.isSafeInteger(value) && (value as number) >= least) return []
  return [{ field, problem: `must be a whole number of at least ${least}` }]
}

/** Throws `INVALID_INPUT` unless it can be an ownership mark. */
export function checkKey(key: unknown): void {
  if (typeof key === 'string' && /^[A-Za-z0-9._:-]{1,80}$/.test(key)) return
  throw invalidInput([{ field: 'key', problem: 'must be 1 to 80 characters of A-Z a-z 0-9 . _ : -' }])
}

/** Checks network cards and writes their addresses the one way that is stored. */
export function readNics(
  state: WorldState,
  datacenter: string | undefined,
  nics: readonly NicSpec[],
  problems: InputProblem[],
): NicState[] {
  if (!Array.isArray(nics)) {
    problems.push({ field: 'nics', problem: 'must be a list' })
    return []
  }
  const here = state.networks.filter((network) => datacenter === undefined || network.datacenter === datacenter)
  const seen = new Set<string>()
  return nics.map((nic: NicSpec, i) => {
    if (!here.some((network) => network.name === nic.network)) {
      const known = here.map((network) => network.name).join(', ')
      problems.push({
        field: `nics[${i}].network`,
        problem: `there is no network ${JSON.stringify(nic.network)}`,
        hint: `known: ${known}`,
      })
    }
    const mac = readMac(nic.mac, `nics[${i}].mac`, problems)
    if (seen.has(mac)) problems.push({ field: `nics[${i}].mac`, problem: `${mac} is there twice` })
    seen.add(mac)
    return { network: nic.network, mac }
  })
}

function readMac(mac: string, field: string, problems: InputProblem[]): string {
  try {
    return parseMac(String(mac), field)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    problems.push(...error.details.problems)
    return field
  }
}
