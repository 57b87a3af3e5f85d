import type { PowerOperations } from '@virtkit/spi'
import type { Asking } from '../asking.ts'

export function acmePower(asking: Asking): PowerOperations {
  return {
    read: async (ref, call) => ((await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask))).running ? 'on' : 'off'),
    on: (machine, call) => asking.change(call, machine, (ask, cloud) => cloud.power(machine.ref, true, ask)),
    off: (machine, call) => asking.change(call, machine, (ask, cloud) => cloud.power(machine.ref, false, ask)),
    // Acme's guests obey at once, so neither the bound nor the fallback is ever needed.
    async shutdown(machine, _options, call) {
      await asking.change(call, machine, (ask, cloud) => cloud.power(machine.ref, false, ask))
      return 'shut-down'
    },
  }
}
