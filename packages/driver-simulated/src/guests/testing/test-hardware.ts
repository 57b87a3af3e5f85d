import type { GuestHardware } from '../guest-hardware.ts'

export interface TestHardware extends GuestHardware {
  firmware: 'bios' | 'uefi'
  order: 'disk' | 'medium'
  inserted: Uint8Array | undefined
  readonly disk: Record<string, string>
  readonly memory: Record<string, string>
  readonly lines: string[]
  addresses: readonly string[]
  /** Resolves when a line on the console matches. */
  printed(pattern: RegExp): Promise<string>
}

export const testMac = '52:54:00:00:00:01'

export function testHardware(inserted?: Uint8Array, macs: readonly string[] = [testMac]): TestHardware {
  const waiting = new Set<{ pattern: RegExp; resolve: (line: string) => void }>()
  const hardware: TestHardware = {
    name: 'guest-1',
    firmware: 'bios',
    nics: macs.map((mac) => ({ mac, network: 'lan' })),
    order: 'medium',
    inserted,
    disk: {},
    memory: {},
    lines: [],
    addresses: [],
    bootsFrom: () => hardware.order,
    medium: async () => hardware.inserted,
    readDisk: (path) => hardware.disk[path],
    writeDisk: (files) => void Object.assign(hardware.disk, files),
    writeMemory: (key, value) => void (hardware.memory[key] = value),
    setAddresses: (addresses) => void (hardware.addresses = addresses),
    console: (line) => {
      hardware.lines.push(line)
      for (const one of waiting) if (one.pattern.test(line)) one.resolve(line)
    },
    printed: (pattern) =>
      new Promise((resolve) => {
        const line = hardware.lines.find((candidate) => pattern.test(candidate))
        if (line === undefined) waiting.add({ pattern, resolve })
        else resolve(line)
      }),
  }
  return hardware
}
