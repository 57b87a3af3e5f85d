import type { InputOf, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Output } from '../../output/output.ts'
import { printDetails } from '../../output/print.ts'

type Plan = OutputOf<Contract['virtualMachines']['plan']>

/** Says what creating a machine would do. Exit 3 when it would be refused. */
export async function planMachine(
  { client, output }: Session,
  wish: InputOf<Contract['virtualMachines']['plan']>,
): Promise<number> {
  const plan = await client.virtualMachines.plan(wish)
  if (output.isJson) output.json(plan)
  else if (!output.isQuiet) tell(output, wish.name, plan)
  return plan.possible ? exitCodes.ok : exitCodes.drift
}

function tell(output: Output, name: string, { possible, problems, networks, contingent, license }: Plan): void {
  output.line(
    possible ? output.paint('green', `${name} can be created.`) : output.paint('red', `${name} cannot be created:`),
  )
  for (const { code, errors } of problems) for (const error of errors) output.line(`  ${code}: ${error}`)
  const addresses = networks.flatMap(({ ip }) => ip ?? []).join(', ')
  const free = contingent?.free
  printDetails(output, [
    ['address now', addresses],
    [
      'contingent',
      free ? `${free.vm} machines, ${free.cpu} cpus, ${free.ram} memory, ${free.disc} disk are free` : 'no limit',
    ],
    ['licence', license?.limit === undefined ? '' : `${license.used} of ${license.limit} machines`],
  ])
}
