import { type GuestCustomisation, type MachineInfo, invalidInput, parseCidr } from '@virtkit/spi'
import { z } from 'zod'
import { keyField, textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import { diskMiBOf } from '../machines/import-rules.ts'
import type { CloneInput } from './templates.ts'

const schema = z.strictObject({
  name: z.string(),
  owner: keyField,
  cluster: keyField,
  template: z.string().min(1).max(260),
  cpus: z.int().optional(),
  memoryMiB: z.int().optional(),
  diskMiB: z.int().optional(),
  datastore: z.string().optional(),
  networks: z.array(z.unknown()).max(16).optional(),
  sshKeys: z.array(textField(16_384)).max(100).optional(),
})

/** Checks what a clone has of its own; what every machine has is checked when the template's sizes are known. */
export function parseClone(input: unknown): CloneInput {
  return parseWith(schema, input) as CloneInput
}

/** The sizes of a clone: as asked, and otherwise the template's. Throws `INVALID_INPUT` for a disk that would shrink. */
export function sizeOfClone(
  input: CloneInput,
  template: MachineInfo,
): { cpus: number; memoryMiB: number; diskMiB: number } {
  const least = diskMiBOf(template)
  const { cpus = template.cpus, memoryMiB = template.memoryMiB, diskMiB = least } = input
  if (diskMiB >= least) return { cpus, memoryMiB, diskMiB }
  throw invalidInput([{ field: 'diskMiB', problem: `the template has ${least} MiB, and disks only grow` }])
}

export interface NetworkOfCard {
  readonly cidr: string | null
  readonly gateway: string | null
  /** JSON array. */
  readonly dns: string
}

/** What one card of a guest is told; without an address it asks DHCP. */
export function cardOfGuest(ip: string | undefined, network: NetworkOfCard): GuestCustomisation['networks'][number] {
  if (ip === undefined || network.cidr === null) return undefined
  const { prefix } = parseCidr(network.cidr, 'cidr')
  const gateway = network.gateway === null ? {} : { gateway: network.gateway }
  return { address: `${ip}/${prefix}`, ...gateway, dns: JSON.parse(network.dns) as string[] }
}
