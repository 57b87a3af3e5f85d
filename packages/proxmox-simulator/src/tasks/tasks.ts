import { invalidParameters } from '../api-error.ts'
import { type Pace, SimulatorClosed } from '../pace.ts'
import { type Upid, parseUpid, renderUpid } from './upid.ts'

export interface Task extends Upid {
  readonly upid: string
  readonly log: string[]
  /** Absent while it runs; `OK`, `WARNINGS: 1` or the error. */
  exitstatus?: string
  endtime?: number
}

export interface TaskHand {
  log(...lines: string[]): void
  /** Lets the task end with `WARNINGS: n` instead of `OK`. */
  warn(line: string): void
  /** Waits in the original's milliseconds; throws when the task was stopped meanwhile. */
  pause(ms: number): Promise<void>
}

export type TaskWork = (hand: TaskHand) => Promise<void>

export interface TaskStart {
  readonly node: string
  readonly type: string
  readonly id: string | number
  readonly user: string
}

/**
 * Work that goes on after its answer. What fails in it is told in its exit status, not in the answer that started it.
 */
export interface Tasks {
  /** Answers the UPID; the work has begun, and its first step up to the first wait is done. */
  start(start: TaskStart, work: TaskWork): string
  /** Throws `unable to parse worker upid` and `no such task`, as the original does for tasks that it forgot. */
  get(upid: string): Task
  /** Newest first. */
  list(): Task[]
  /** Ends it at the wait it is in, or at its next one. */
  stop(upid: string): void
  /** Resolves when nothing runs. */
  settled(): Promise<void>
}

/** What a rule wants to become of a task: that it fails before its work begins, or that it warns. */
export type TaskFault = (start: TaskStart) => { readonly message?: string; readonly warning?: string } | undefined

/** How many finished tasks are remembered. */
const remembered = 1000

export function createTasks(
  pace: Pace,
  now: () => number,
  nextProcessId: () => number,
  faultOf: TaskFault = () => undefined,
): Tasks {
  const tasks = new Map<string, Task>()
  const running = new Set<Promise<void>>()
  const stops = new Map<string, (reason: Error) => void>()
  const bootedAt = Date.now() - 3_600_000

  const run = async (task: Task, work: TaskWork, fault: ReturnType<TaskFault>): Promise<void> => {
    let warnings = 0
    const stopped = new Promise<never>((_, reject) => stops.set(task.upid, reject))
    stopped.catch(() => undefined)
    const hand: TaskHand = {
      log: (...lines) => void task.log.push(...lines),
      warn: (line) => {
        warnings += 1
        task.log.push(`WARN: ${line}`)
      },
      pause: (ms) => Promise.race([pace.pause(ms), stopped]),
    }
    try {
      if (fault?.message !== undefined) throw new Error(fault.message)
      await work(hand)
      if (fault?.warning !== undefined) hand.warn(fault.warning)
      task.exitstatus = warnings === 0 ? 'OK' : `WARNINGS: ${warnings}`
      task.log.push(warnings === 0 ? 'TASK OK' : `TASK WARNINGS: ${warnings}`)
    } catch (error) {
      if (error instanceof SimulatorClosed) return
      task.exitstatus = error instanceof Error ? error.message : String(error)
      task.log.push(`TASK ERROR: ${task.exitstatus}`)
    }
    task.endtime = now()
    stops.delete(task.upid)
    forgetOldest()
  }
  const forgetOldest = (): void => {
    for (const [upid, { exitstatus }] of tasks) {
      if (tasks.size <= remembered) return
      if (exitstatus !== undefined) tasks.delete(upid)
    }
  }

  return {
    start: (start, work) => {
      const pstart = Math.floor((Date.now() - bootedAt) / 10)
      const parts = { ...start, id: String(start.id), pid: nextProcessId(), pstart, starttime: now() }
      const task: Task = { ...parts, upid: renderUpid(parts), log: [] }
      tasks.set(task.upid, task)
      const done = run(task, work, faultOf(start)).finally(() => running.delete(done))
      running.add(done)
      return task.upid
    },
    get: (upid) => {
      parseUpid(upid)
      const task = tasks.get(upid)
      if (!task) throw invalidParameters({ upid: 'no such task' })
      return task
    },
    list: () => [...tasks.values()].toReversed(),
    stop: (upid) => stops.get(upid)?.(new Error('received interrupt')),
    settled: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
