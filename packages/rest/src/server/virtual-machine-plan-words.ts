import type { BlockingDimension, MachinePlan } from '@virtkit/core'
import { sentences } from './error-answer.ts'
import { toWireNames } from './wire-names.ts'
import { sizeOf } from './wire-sizes.ts'

/** What a plan says, in the words of the wire. */
export function toWirePlan({ isPossible, problems, networks, contingent, license, macRange }: MachinePlan) {
  return {
    possible: isPossible,
    problems: problems.map((problem) => ({
      code: problem.code,
      errors: sentences(problem, { rename: toWireNames }),
    })),
    networks: networks.map(({ network, ip, mac }) => ({
      netkey: network,
      ...(ip !== undefined && { ip }),
      ...(mac !== undefined && { mac }),
    })),
    ...(contingent && {
      contingent: {
        fits: contingent.fits,
        blocking: contingent.blocking.map(toWireDimension),
        ...(contingent.free && {
          free: {
            vm: contingent.free.vm,
            cpu: contingent.free.cpu,
            ram: sizeOf(contingent.free.memory),
            disc: sizeOf(contingent.free.disk),
          },
        }),
      },
    }),
    ...(license && {
      license: {
        state: license.state,
        ...(license.limit !== undefined && { limit: license.limit }),
        used: license.used,
      },
    }),
    ...(macRange && { macrange: { ...macRange } }),
  }
}

const dimensions = { vm: 'vm', cpu: 'cpu', memory: 'ram', disk: 'disc' } as const

function toWireDimension({ dimension, limit, used, reserved, asked }: BlockingDimension) {
  const isCount = dimension === 'vm' || dimension === 'cpu'
  const amount = (value: number): number | string => (isCount ? value : sizeOf(value))
  return {
    dimension: dimensions[dimension],
    limit: amount(limit),
    used: amount(used),
    reserved: amount(reserved),
    asked: amount(asked),
  }
}
