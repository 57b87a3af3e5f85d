import { createBootClient } from './boot-client.ts'
import { bootOnce } from './firmware.ts'
import { GuestStopped } from './guest-context.ts'
import type { GuestContext } from './guest-context.ts'
import type { GuestHardware, GuestOptions } from './guest-hardware.ts'
import { untilPowerOff } from './installed-system.ts'

export type { GuestHardware, GuestOptions, Lease } from './guest-hardware.ts'
export { type GuestPace, defaultPace, fastPace } from './guest-pace.ts'

/**
 * Runs what is in a machine from power on until the signal aborts: firmware, then medium or disk, installer or installed
 * system. A guest that can go no further says so on its console and stays on, as a real one does.
 *
 * Promises: resolves soon after the abort with every socket closed and never rejects because of it; each start of the machine
 * begins from what is on its disk.
 */
export async function runGuest(hardware: GuestHardware, options: GuestOptions, signal: AbortSignal): Promise<'halted'> {
  const { clock, random, pace, lease } = options
  const context: GuestContext = {
    hardware,
    clock,
    pace,
    signal,
    client: createBootClient({ clock }),
    lease: (nic) => lease?.(nic),
    pause: (ms) => clock.sleep(Math.round(ms * (0.9 + 0.2 * random())), signal),
  }
  try {
    for (;;) await bootOnce(context)
  } catch (error) {
    if (signal.aborted) return 'halted'
    if (!(error instanceof GuestStopped)) throw error
    hardware.console(error.message)
    await untilPowerOff(signal).catch(() => undefined)
    return 'halted'
  }
}
