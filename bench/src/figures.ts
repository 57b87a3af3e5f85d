import { addresses } from './addresses.ts'
import { backup } from './backup.ts'
import { boot } from './boot.ts'
import { cliStart } from './cli-start.ts'
import { contingents } from './contingents.ts'
import type { Figure } from './figure.ts'
import { installs } from './installs.ts'
import { machineLists } from './machine-lists.ts'
import { proxmoxImport } from './proxmox-import.ts'
import { queue } from './queue.ts'
import { rest } from './rest.ts'
import { vsphereImport } from './vsphere-import.ts'

/** In the order of the table. */
export const figures: readonly Figure[] = [
  addresses,
  contingents,
  machineLists,
  rest,
  installs,
  queue,
  proxmoxImport,
  vsphereImport,
  boot,
  backup,
  cliStart,
]
