import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestLibvirtd } from '@virtkit/test-libvirt'
import type { GuestContent } from '@virtkit/spi/conformance'

/** A sector: what disks are written in. */
const bytes = 512

/** What disks and memory hold, past libvirt: QEMU's own tools and its door for debuggers. */
export function guestContent(libvirtd: TestLibvirtd): { readonly disk: GuestContent; readonly memory: GuestContent } {
  return { disk: diskContent(libvirtd), memory: memoryContent(libvirtd) }
}

function diskContent(libvirtd: TestLibvirtd): GuestContent {
  const fileOf = (ref: string): string => `/var/lib/libvirt/disks/virtkit-${ref}-0.qcow2`
  return {
    write: async (ref, text) => {
      const pattern = `/var/lib/libvirt/pattern-${ref}`
      writeFileSync(libvirtd.outside(pattern), padded(text))
      await libvirtd.inside('qemu-io', '-f', 'qcow2', '-c', `write -s ${pattern} 1M ${bytes}`, fileOf(ref))
    },
    read: async (ref) => {
      const said = await libvirtd.inside('qemu-io', '-f', 'qcow2', '-c', `read -v 1M ${bytes}`, fileOf(ref))
      const hex = said.split('\n').flatMap((line) => /^[0-9a-f]{8}:\s+((?:[0-9a-f]{2} )+)/.exec(line)?.[1] ?? [])
      return unpadded(Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'))
    },
  }
}

/** High in memory, where firmware without anything to boot leaves things alone. */
const address = 0x8000000

function memoryContent(libvirtd: TestLibvirtd): GuestContent {
  return {
    write: async (ref, text) => {
      await inDebugger(libvirtd, ref, (ask) =>
        ask(`M${address.toString(16)},${bytes.toString(16)}:${padded(text).toString('hex')}`),
      )
    },
    read: async (ref) => {
      const said = await monitor(libvirtd, ref, `xp /${bytes}xb 0x${address.toString(16)}`)
      return unpadded(Buffer.from([...said.matchAll(/0x([0-9a-f]{2})\b/g)].map((match) => match[1]).join(''), 'hex'))
    },
  }
}

function monitor(libvirtd: TestLibvirtd, ref: string, command: string): Promise<string> {
  return libvirtd.virsh('qemu-monitor-command', '--hmp', ref, command)
}

/** QEMU speaks GDB's remote protocol on a socket; the guest stands still meanwhile. */
async function inDebugger(
  libvirtd: TestLibvirtd,
  ref: string,
  work: (ask: (command: string) => Promise<string>) => Promise<string>,
): Promise<string> {
  const path = `/var/lib/libvirt/gdb-${ref}`
  await monitor(libvirtd, ref, `gdbserver unix:${path},server=on,wait=off`)
  const socket = connect({ path: libvirtd.outside(path) })
  await once(socket, 'connect')
  let held = ''
  let wake = (): void => undefined
  socket.on('data', (chunk: Buffer) => {
    held += chunk.toString('latin1')
    wake()
  })
  const ask = async (command: string): Promise<string> => {
    const sum = [...command].reduce((total, char) => (total + char.charCodeAt(0)) % 256, 0)
    socket.write(`$${command}#${sum.toString(16).padStart(2, '0')}`)
    for (;;) {
      const packet = /\$([^#]*)#[0-9a-f]{2}/.exec(held)
      if (packet) {
        held = held.slice(packet.index + packet[0].length)
        socket.write('+')
        return packet[1] ?? ''
      }
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  try {
    // Its physical memory, whatever the guest's own tables say.
    await ask('Qqemu.PhyMemMode:1')
    const answer = await work(ask)
    await ask('D')
    return answer
  } finally {
    socket.destroy()
    await monitor(libvirtd, ref, 'gdbserver none')
    await monitor(libvirtd, ref, 'cont')
  }
}

function padded(text: string): Buffer {
  const page = Buffer.alloc(bytes)
  page.write(text)
  return page
}

function unpadded(page: Buffer): string | undefined {
  const text = page.toString('utf8').replaceAll('\0', '')
  return text === '' ? undefined : text
}
