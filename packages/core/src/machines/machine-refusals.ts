import { VirtkitError } from '@virtkit/spi'
import type { MachineRow } from './machine-rows.ts'

// Why something cannot be done to a machine now, in words.

export function notDeployed(row: MachineRow): VirtkitError {
  return new VirtkitError('CONFLICT', `${row.name} is not on the hypervisor yet.`, {
    details: { field: 'state', with: row.state },
    hint: 'Install it first.',
  })
}

export function isTemplate(row: MachineRow): VirtkitError {
  return new VirtkitError('CONFLICT', `${row.name} is a template.`, {
    details: { field: 'state', with: row.state },
    hint: 'Clone it, and change the clone.',
  })
}

export function underWay(row: MachineRow): VirtkitError {
  return new VirtkitError('CONFLICT', `${row.name} is just being ${row.state === 'cloning' ? 'cloned' : 'imported'}.`, {
    details: { field: 'state', with: row.state },
    hint: 'Try again when that is done.',
  })
}

export function notNow(row: MachineRow): VirtkitError {
  return new VirtkitError('CONFLICT', `The hardware of ${row.name} cannot be changed while it is ${row.state}.`, {
    details: { field: 'state', with: row.state },
    hint: 'Wait for the operation that is at it.',
  })
}

export function movedOn(row: MachineRow): VirtkitError {
  return new VirtkitError('CONFLICT', `${row.name} was changed by somebody else meanwhile.`, {
    details: { field: 'version', with: String(row.version) },
    hint: 'Read it again and repeat the change.',
  })
}

export function oneAtATime(): VirtkitError {
  return new VirtkitError(
    'CONFLICT',
    'Name and owner of a deployed machine cannot be changed together with its hardware.',
    {
      details: { field: 'name' },
      hint: 'Change the hardware first, then the rest.',
    },
  )
}
