import { type InputProblem, type MachineSpec, type NicSpec, isVirtkitError, parseMac } from '@virtkit/spi'

/** What is wrong with a machine whatever the site, every problem by its field. */
export function specProblems(spec: Pick<MachineSpec, 'name' | 'cpus' | 'memoryMiB' | 'disks' | 'nics'>): InputProblem[] {
  return [
    ...nameProblems(spec.name),
    ...wholeProblems('cpus', spec.cpus, 1),
    ...wholeProblems('memoryMiB', spec.memoryMiB, 16),
    ...diskProblems(spec.disks),
    ...nicProblems(spec.nics),
  ]
}

export function nameProblems(name: string): InputProblem[] {
  const fits = name.length >= 1 && name.length <= 80 && name.isWellFormed()
  return fits ? [] : [{ field: 'name', problem: 'must have 1 to 80 characters' }]
}

export function wholeProblems(field: string, value: number, least: number): InputProblem[] {
  return Number.isSafeInteger(value) && value >= least ? [] : [{ field, problem: `must be a whole number from ${least}` }]
}

const mostDisks = 31
const mostCards = 32

function diskProblems(disks: MachineSpec['disks']): InputProblem[] {
  const many = disks.length > mostDisks ? [{ field: 'disks', problem: `there is room for ${mostDisks}` }] : []
  return [...many, ...disks.flatMap(({ sizeMiB }, index) => wholeProblems(`disks[${index}].sizeMiB`, sizeMiB, 1))]
}

export function nicProblems(nics: readonly NicSpec[]): InputProblem[] {
  const many = nics.length > mostCards ? [{ field: 'nics', problem: `there is room for ${mostCards}` }] : []
  return [
    ...many,
    ...nics.flatMap(({ mac }, index) => {
      const field = `nics[${index}].mac`
      try {
        parseMac(mac, field)
        return []
      } catch (error) {
        return isVirtkitError(error, 'INVALID_INPUT')
          ? error.details.problems
          : [{ field, problem: 'is not a MAC address' }]
      }
    }),
  ]
}

export function keyProblems(key: string): InputProblem[] {
  if (/^[A-Za-z0-9._:-]{1,80}$/.test(key)) return []
  return [{ field: 'key', problem: 'must have 1 to 80 characters of A-Z a-z 0-9 . _ : -' }]
}
