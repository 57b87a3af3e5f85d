import { VirtkitError } from '@virtkit/spi'

const needed = [22, 12] as const

/**
 * Throws `UNSUPPORTED` on a Node.js that is too old. It comes before anything else: a native module built for a newer one does
 * not fail there, it ends the process.
 */
export function refuseOldNode(version: string): void {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return
  throw new VirtkitError('UNSUPPORTED', `Virtkit needs Node.js ${needed.join('.')} or newer; this is ${version}.`, {
    details: { feature: `Node.js ${version}` },
    hint: 'Install a newer Node.js: https://nodejs.org',
  })
}
