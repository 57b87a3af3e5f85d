import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Firmware } from '@virtkit/spi'
import type { BootPeers } from '../find-boot-peers.ts'

export interface GuestOptions {
  readonly peers: BootPeers
  /** Where its disk lies; it is blank when there is none yet. */
  readonly folder: string
  readonly firmware: Firmware
  /** The medium in its drive, which it boots first. */
  readonly medium?: string
  /** Boots from the network first, and is told this file by DHCP. */
  readonly bootFile?: string
}

const diskBytes = 256 * 2 ** 20

/** A real machine under QEMU, in software. The host is 10.0.2.2 to it. */
export class Guest implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child
    this.#folder = folder
    this.#ended = once(child, 'exit')
  }

  static start({ peers, folder, firmware, medium, bootFile }: GuestOptions): Guest {
    const [disk, variables] = [join(folder, 'disk.raw'), join(folder, 'variables.fd')]
    if (!existsSync(disk)) {
      writeFileSync(disk, '')
      truncateSync(disk, diskBytes)
      copyFileSync(peers.ovmf.variables, variables)
    }
    const flash = 'if=pflash,format=raw'
    const isNetworkBoot = bootFile !== undefined
    const pairs: readonly (readonly [string, string])[] = [
      ['-accel', 'tcg'],
      ['-cpu', 'max'],
      ['-m', '512'],
      ['-display', 'none'],
      ['-serial', `file:${join(folder, 'console.log')}`],
      ['-machine', firmware === 'uefi' ? 'q35' : 'pc'],
      ['-drive', `if=none,id=disk,format=raw,cache=unsafe,file=${disk}`],
      ['-device', 'virtio-blk-pci,drive=disk,bootindex=3'],
      ['-netdev', `user,id=net${isNetworkBoot ? `,bootfile=${bootFile}` : ''}`],
      // Without its ROM a card cannot boot, and asks nobody for an address.
      ['-device', `virtio-net-pci,netdev=net${isNetworkBoot ? ',bootindex=2' : ',romfile='}`],
    ]
    const flashes = [`${flash},readonly=on,file=${peers.ovmf.code}`, `${flash},file=${variables}`]
    const words = ['-nodefaults', '-no-user-config', ...pairs.flat()]
    if (firmware === 'uefi') words.push(...flashes.flatMap((value) => ['-drive', value]))
    if (medium !== undefined) {
      words.push('-drive', `if=none,id=cd,format=raw,readonly=on,file=${medium}`, '-device', 'ide-cd,drive=cd,bootindex=1')
    }
    return new Guest(spawn(peers.qemu, words, { stdio: ['ignore', 'inherit', 'inherit'] }), folder)
  }

  /** Waits until it has switched itself off. */
  async off(): Promise<void> {
    await this.#ended
  }

  get console(): string {
    return readFileSync(join(this.#folder, 'console.log'), 'latin1')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL')
    await this.#ended
  }
}
