import { invalidInput } from '@virtkit/spi'
import type { WorldState } from '../world/world-state.ts'

/** Changes that a watcher can still ask for after a restart. */
const writtenChanges = 500

/** A world as text. */
export function renderWorld(state: WorldState): string {
  return JSON.stringify({
    ...state,
    machines: [...state.machines.values()],
    media: [...state.media.values()],
    changes: state.changes.slice(-writtenChanges),
  })
}

/** Throws `INVALID_INPUT` naming `stateFile` for text that is not a world that we wrote. */
export function parseWorld(text: string): WorldState {
  const data = tryParse(text)
  if (typeof data !== 'object' || data === null || !('format' in data))
    throw notAWorld('it is not the state of a simulator')
  if (data.format !== 1) throw notAWorld(`its format is ${String(data.format)}, and 1 is known`)
  type Written = Omit<WorldState, 'machines' | 'media'> & {
    machines: (WorldState['machines'] extends Map<string, infer Machine> ? Machine : never)[]
    media: (WorldState['media'] extends Map<string, infer Medium> ? Medium : never)[]
  }
  const written = data as unknown as Written
  if (!Array.isArray(written.machines) || !Array.isArray(written.media)) throw notAWorld('machines or media are missing')
  return {
    ...written,
    machines: new Map(written.machines.map((machine) => [machine.ref, machine])),
    media: new Map(written.media.map((medium) => [medium.ref, medium])),
  }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function notAWorld(problem: string): ReturnType<typeof invalidInput> {
  return invalidInput([{ field: 'stateFile', problem, hint: 'name another file, or move this one away' }])
}
