import { createVirtualClock } from '../../virtual-clock.ts'
import { createBootClient } from '../boot-client.ts'
import type { GuestContext } from '../guest-context.ts'
import { defaultPace } from '../guest-pace.ts'
import { testHardware } from './test-hardware.ts'
import type { TestHardware } from './test-hardware.ts'

/** What an installer runs in, without firmware and boot loader before it. */
export function installerContext(macs?: readonly string[]): GuestContext & { readonly hardware: TestHardware } {
  const clock = createVirtualClock()
  const { signal } = new AbortController()
  return {
    hardware: testHardware(undefined, macs),
    clock,
    signal,
    pace: { ...defaultPace, tries: 3 },
    client: createBootClient({ clock }),
    lease: () => undefined,
    pause: (ms) => clock.sleep(ms, signal),
  }
}
