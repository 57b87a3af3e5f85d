import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printDone } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

const words = { off: 'off: nothing is limited', missing: 'missing', expired: 'expired', valid: 'valid' } as const

export async function showLicense({ client, output }: Session): Promise<void> {
  const status = await client.license.get()
  if (output.isJson) return output.json(status)
  const { state, customerid, virtualmachines, used } = status
  printDetails(output, [
    ['state', words[state]],
    ['customer', customerid],
    ['machines', state === 'off' ? `${used}` : `${used} of ${virtualmachines}`],
    ['issued', showTime(status.issued)],
    ['expires', showTime(status.expires)],
  ])
}

export async function installLicense({ client, output, host }: Session, file: string): Promise<void> {
  const text = file === '-' ? await host.stdin.text() : await readLicense(resolve(host.cwd, file), file)
  const status = await client.license.update({ license: text.trim() })
  printDone(output, status, { text: `The licence is ${words[status.state]}: ${status.virtualmachines} machines.` })
}

export async function removeLicense({ client, output, host }: Session, flags: { readonly yes?: boolean }): Promise<void> {
  await confirm(host, { ...flags, question: 'Remove the licence?' })
  printDone(output, await client.license.remove(), { text: 'There is no licence any more.' })
}

async function readLicense(path: string, given: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error & { code?: string }) => {
    throw invalidInput([{ field: 'file', problem: `${given} cannot be read (${error.code ?? 'unknown'})` }])
  })
}
