import type { Firmware } from '@virtkit/spi'

/**
 * Goes on to the disk. Of BIOS the first disk is 0x80; UEFI goes to its next boot entry when a program ends with an error
 * (UEFI 2.10, 3.1.2).
 */
export function renderDiskScript(firmware: Firmware): string {
  const boot = firmware === 'uefi' ? 'exit 1' : 'sanboot --no-describe --drive 0x80 || exit 1'
  return `#!ipxe\necho Virtkit: nothing to install, going on to the disk\n${boot}\n`
}
