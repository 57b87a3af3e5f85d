import type { Client } from '@virtkit/rest/client'
import { invalidInput } from '@virtkit/spi'
import { confirm } from '../../connection/confirm.ts'
import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { type MaybeGoesOn, atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

type Verb = 'on' | 'off' | 'shutdown' | 'reset'
type Call = 'poweron' | 'poweroff' | 'shutdown'

/** Each with what it asks of the API, in order. */
const verbs: Readonly<Record<Verb, { readonly calls: readonly Call[]; readonly done: string; readonly pulls: boolean }>> = {
  on: { calls: ['poweron'], done: 'is on', pulls: false },
  off: { calls: ['poweroff'], done: 'is off', pulls: true },
  shutdown: { calls: ['shutdown'], done: 'is shut down', pulls: false },
  reset: { calls: ['poweroff', 'poweron'], done: 'is on again', pulls: true },
}

/** Switches machines, one after the other. All are found before the first is switched. */
export async function switchMachines(
  session: Session,
  to: string,
  given: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const { client, output, host } = session
  if (!Object.hasOwn(verbs, to)) {
    throw invalidInput([{ field: 'power', problem: `is no way to switch: ${to}`, hint: Object.keys(verbs).join(', ') }])
  }
  const { calls, done, pulls } = verbs[to as Verb]
  const machines = []
  for (const each of given) machines.push(await findMachine(client, each))
  const names = machines.map(({ name }) => name).join(', ')
  if (pulls) await confirm(host, { yes, question: `Pull the plug of ${names}?` })
  for (const { key, name } of machines) {
    if (session.isHasty && calls.length > 1) {
      throw invalidInput([{ field: '--no-wait', problem: 'cannot be: on comes after off', hint: 'wait for it' }])
    }
    const answer = await switchOne(session, client, { key, name, calls })
    if (answer) printDone(output, answer, { text: `Machine ${name} ${done}.`, key })
  }
}

/** Answers what the last call said, when all is done. */
async function switchOne(
  session: Session,
  client: Client,
  { key, name, calls }: { readonly key: number; readonly name: string; readonly calls: readonly Call[] },
): Promise<MaybeGoesOn | undefined> {
  let answer: MaybeGoesOn | undefined
  for (const call of calls) {
    answer = await client.virtualMachines[call]({ key }, atOnce)
    if (!(await settle(session, answer, name))) return undefined
  }
  return answer && { ...answer, statuscode: 200 }
}
