import { VirtkitError, invalidInput, toVirtkitError } from '@virtkit/spi'

/** What the operating system says about listening, in our words. */
export function listenError(error: unknown, host: string, port: number): VirtkitError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (code === 'EADDRINUSE') {
    return new VirtkitError('CONFLICT', `Port ${port} of ${host} is taken: the API cannot listen on ${where}.`, {
      details: { field: 'port', with: where },
      hint: 'Stop what listens there, choose another port, or choose port 0 for any that is free.',
      cause: error,
    })
  }
  if (code === 'EACCES') {
    return new VirtkitError('FORBIDDEN', `This process may not listen on ${where}.`, {
      details: { permission: 'listen' },
      hint: 'Ports below 1024 need a privilege on most systems; choose a higher one.',
      cause: error,
    })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const hint = 'name an address of this machine, 127.0.0.1 for itself only, or 0.0.0.0 for all'
    return invalidInput([{ field: 'host', problem: `${host} is not an address of this machine`, hint }])
  }
  return toVirtkitError(error)
}

/** What OpenSSL says about a certificate or key that it cannot use. */
export function tlsError(error: unknown): VirtkitError {
  const said = error instanceof Error ? error.message : String(error)
  const problem = /mismatch/i.test(said) ? 'do not belong together' : 'cannot be read as PEM'
  const hint =
    'cert is the certificate with those that lead to its authority after it, key is its private key without a password'
  return invalidInput([{ field: 'tls', problem: `certificate and key ${problem}`, hint }])
}
