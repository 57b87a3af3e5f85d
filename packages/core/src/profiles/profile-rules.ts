import { type InputProblem, type OsCatalog, invalidInput } from '@virtkit/spi'
import { z } from 'zod'
import { requireRelease, sizeProblems } from '../catalog/catalog.ts'
import { keyField, nameField, textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { ProfileInput } from './profiles.ts'

const schema = z.strictObject({
  name: nameField,
  cluster: keyField,
  os: textField(100),
  cpus: z.int().min(1).max(1024),
  memoryMiB: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024),
  diskMiB: z
    .int()
    .min(1)
    .max(1024 * 1024 * 1024),
  datastore: textField(200).default('auto'),
  networks: z.array(keyField).min(1, 'must name at least one network, to install from').max(16),
})

export type ParsedProfile = ProfileInput & { readonly datastore: string }

/** Throws `INVALID_INPUT` for what is no profile, an unknown operating system, and sizes below its minimum. */
export function parseProfile(input: unknown, catalog: OsCatalog): ParsedProfile {
  const profile = parseWith(schema, input)
  const release = requireRelease(catalog, profile.os, 'os')
  const problems = sizeProblems(release, profile)
  if (problems.length > 0) throw invalidInput(problems)
  return { ...profile, os: release.id }
}

/** Networks that are on another cluster than the profile, each by its place in the list. */
export function networkProblems(
  profile: Pick<ProfileInput, 'cluster' | 'networks'>,
  found: readonly { readonly key: number; readonly name: string; readonly clusterKey: number }[],
): InputProblem[] {
  return profile.networks.flatMap((key, index) => {
    const network = found.find((each) => each.key === key)
    if (!network || network.clusterKey === profile.cluster) return []
    const problem = `the network ${network.name} is on cluster ${network.clusterKey}, not on ${profile.cluster}`
    return [{ field: `networks[${index}]`, problem }]
  })
}
