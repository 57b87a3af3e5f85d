const notice = 'This medium holds the boot script of a Virtkit installation, but no iPXE program to run it.\r\n'

/**
 * A boot sector that says on the screen why nothing happens, and stops: what a medium starts when no boot program was handed
 * in. It is loaded anywhere, so it finds its text relative to itself.
 */
export function noticeSector(): Uint8Array {
  // prettier-ignore
  const code = [
    0x8c, 0xc8,             //       mov ax, cs
    0x8e, 0xd8,             //       mov ds, ax
    0xfc,                   //       cld
    0xe8, 0x00, 0x00,       //       call here
    0x5e,                   // here: pop si
    0x83, 0xc6, 0x15,       //       add si, text - here
    0xac,                   // next: lodsb
    0x84, 0xc0,             //       test al, al
    0x74, 0x09,             //       jz stop
    0xb4, 0x0e,             //       mov ah, 0x0e
    0xbb, 0x07, 0x00,       //       mov bx, 7
    0xcd, 0x10,             //       int 0x10
    0xeb, 0xf2,             //       jmp next
    0xf4,                   // stop: hlt
    0xeb, 0xfd,             //       jmp stop
  ]
  const sector = Buffer.alloc(2048)
  sector.set(code)
  sector.write(`${notice}\0`, code.length, 'ascii')
  sector.set([0x55, 0xaa], 510)
  return sector
}
