import type { Point } from '../victim/side-effects.ts'
import { booted } from './install-scenarios.ts'
import { type Scenario, endOfAll } from './scenario.ts'

const after = (effect: string, nth = 1): Point => ({ effect, nth, when: 'after' })

/** A process dies that has taken over from one that died. */
export function takeoversOf(scenarioNamed: (name: string) => Scenario): readonly Scenario[] {
  const takeover = (name: string, at: Point): Scenario => {
    const { faults, guest, ownOrigin } = scenarioNamed(name)
    return {
      name: `${name}; taken over after ${at.effect}`,
      world: { scenario: name, at },
      ask: ownOrigin ? booted : endOfAll,
      ...(faults ? { faults } : {}),
      ...(guest ? { guest } : {}),
      ...(ownOrigin ? { ownOrigin } : {}),
    }
  }
  return [
    takeover('install', after('machines.create')),
    takeover('install', after('media.eject')),
    takeover('install, with boot servers of their own', after('power.on')),
    takeover('install, and the guest fails', after('commit operation.undoing install-machine')),
    takeover('delete', after('machines.destroy')),
    takeover('resize', after('machines.reconfigure')),
    takeover('snapshot', after('snapshots.create')),
    takeover('snapshot revert', after('snapshots.revert')),
    takeover('snapshot revert, and the contingent refuses the hardware', after('commit operation.undoing revert-snapshot')),
  ]
}
