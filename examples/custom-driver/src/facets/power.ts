import type { Call, OwnedMachine, PowerOperations } from '@virtkit/spi'
import type { Asking } from '../asking.ts'

export function acmePower(asking: Asking): PowerOperations {
  const run = (machine: OwnedMachine, running: boolean, call: Call): Promise<void> =>
    asking.change(call, machine, (ask, cloud) => cloud.power(machine.ref, running, ask))
  return {
    read: async (ref, call) => ((await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask))).running ? 'on' : 'off'),
    on: (machine, call) => run(machine, true, call),
    off: (machine, call) => run(machine, false, call),
    // Acme's guests obey at once, so neither the bound nor the fallback is ever needed.
    shutdown: (machine, _options, call) => run(machine, false, call).then(() => 'shut-down'),
  }
}
