import assert from 'node:assert/strict'
import type { Call } from '../driver/call.ts'
import type { Hypervisor } from '../driver/hypervisor.ts'
import type { HypervisorDriver } from '../driver/hypervisor-driver.ts'
import type { DriverTarget } from './driver-target.ts'

/** Validates options as a host does, then connects. */
export async function connect(target: DriverTarget, options: unknown, call: Call): Promise<Hypervisor> {
  // What the driver's own schema answers is what its own connect() takes.
  const driver = target.driver as unknown as HypervisorDriver<unknown>
  const checked = await driver.options['~standard'].validate(options)
  if (checked.issues)
    assert.fail(`driver.options refuses the target's options: ${checked.issues.map((i) => i.message).join('; ')}`)
  return driver.connect(checked.value, call)
}
