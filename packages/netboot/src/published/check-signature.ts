import { execFile } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SumsSignature } from '../catalog/published-files.ts'

const run = promisify(execFile)

/**
 * What of a list its publisher has signed: all of it, or what stands inside of its signature. `key` is an OpenPGP public key
 * (armored) or signify's public key file, as text. OpenPGP is checked by GnuPG's `gpgv`, which must be installed.
 * Throws for anything but a good signature by that key.
 */
export async function signedBy(
  key: string,
  list: Uint8Array,
  signature: SumsSignature,
  detached: Uint8Array | undefined,
  call: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  if (signature.kind === 'signify') {
    checkSignify(key, list, detached ?? new Uint8Array())
    return list
  }
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-gpgv-'))
  try {
    const at = (name: string): string => join(folder, name)
    await writeFile(at('key'), withoutArmor(key))
    await writeFile(at('list'), list)
    const checking = ['--homedir', folder, '--keyring', at('key')]
    if (signature.kind === 'openpgp') {
      await writeFile(at('signature'), detached ?? new Uint8Array())
      await gpgv([...checking, at('signature'), at('list')], call)
      return list
    }
    await gpgv([...checking, '--output', at('signed'), at('list')], call)
    return await readFile(at('signed'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function gpgv(args: string[], { signal }: { readonly signal: AbortSignal }): Promise<void> {
  try {
    await run('gpgv', args, { signal, timeout: 30_000 })
  } catch (cause) {
    signal.throwIfAborted()
    const { code, stderr } = cause as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error('there is no gpgv to check its signature with: install it', { cause })
    const said = (stderr ?? '').split('\n').findLast((line) => line !== '') ?? ''
    throw new Error(`its signature is not one by the key that was given (${said.slice(0, 200)})`, { cause })
  }
}

/** RFC 4880, 6.2: base64 between a head, a blank line and a checksum. */
function withoutArmor(text: string): Uint8Array {
  const [, body] =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?\r?\n\r?\n([^]*?)\r?\n(?:=[A-Za-z0-9+/]{4}\r?\n)?-----END/.exec(text) ?? []
  if (body === undefined) throw new Error('the key that was given is no OpenPGP public key block')
  return Buffer.from(body, 'base64')
}

/** signify(1): a comment, then base64 of the algorithm, the key's number, and the key or signature (Ed25519). */
function checkSignify(key: string, list: Uint8Array, detached: Uint8Array): void {
  const own = readSignify(key, 42)
  const theirs = readSignify(Buffer.from(detached).toString('latin1'), 74)
  if (!own) throw new Error('the key that was given is no public key of signify')
  if (!theirs) throw new Error('its signature is none of signify')
  if (!own.subarray(2, 10).equals(theirs.subarray(2, 10))) throw new Error('its signature is by another key than was given')
  // RFC 8410, 4: the head of an Ed25519 key.
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), own.subarray(10)])
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  if (!verify(null, list, publicKey, theirs.subarray(10)))
    throw new Error('its signature is not one by the key that was given')
}

function readSignify(text: string, length: number): Buffer | undefined {
  const [comment = '', encoded = ''] = text.split('\n')
  const bytes = Buffer.from(encoded, 'base64')
  const isOne =
    comment.startsWith('untrusted comment: ') && bytes.length === length && bytes.toString('latin1', 0, 2) === 'Ed'
  return isOne ? bytes : undefined
}
