import { type MacRange, VirtkitError, macInRange } from '@virtkit/spi'

const attempts = 100

/**
 * Picks a MAC address of the range by chance, skipping those that are taken. `random` answers a number from 0 up to, not
 * including, 1.
 *
 * Promises: asks `isTaken` at most 100 times. Someone else may pick the same meanwhile: the database has the last word.
 * Throws `CONFLICT` when every one of them was taken, which means that the range is all but used up.
 */
export async function pickMac(
  range: MacRange,
  random: () => number,
  isTaken: (mac: string) => boolean | Promise<boolean>,
): Promise<string> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const mac = macInRange(range, random())
    if (!(await isTaken(mac))) return mac
  }
  throw new VirtkitError('CONFLICT', `No free MAC address was found from ${range.from} to ${range.to}.`, {
    details: { field: 'mac' },
    hint: 'Name an address yourself, or remove network cards that are no longer needed.',
  })
}
