import type { Virtkit } from '@virtkit/core'
import { type DoorOptions, type Given, carryOutAlone, openDoor, removeMachine } from './change-lab.ts'

export interface LastRequest extends Pick<DoorOptions, 'database' | 'key'> {
  readonly dies: 'before the commit' | 'after the commit' | 'before its answer is kept'
  /** A path, or the key of a machine to delete. */
  readonly request: readonly [method: string, path: string | number, given: Given]
}

/** Carries a request out, and ends before anybody is told. */
const { dies, request, ...options } = JSON.parse(process.argv[2]!) as LastRequest

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // Nothing runs any more, not even until the signal arrives.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error('is alive')
}

function between(kit: Virtkit): Virtkit {
  const { replies, database } = kit
  const keep: typeof replies.keep = async (...given) => {
    if (dies === 'before its answer is kept') die()
    const kept = await replies.keep(...given)
    return dies === 'before the commit' ? die() : kept
  }
  const transaction: typeof database.transaction = async (...given) => {
    const result = await database.transaction(...given)
    return dies === 'after the commit' ? die() : result
  }
  const withMore = <T extends object>(object: T, more: Partial<T>): T =>
    new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(more, name) ?? Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { ...kit, replies: withMore(replies, { keep }), database: withMore(database, { transaction }) }
}

const door = await openDoor({ ...options, between })
const [method, path, given] = request
await (typeof path === 'string' ? door.call(method, path, given) : carryOutAlone(door.kit, removeMachine, path, given))
