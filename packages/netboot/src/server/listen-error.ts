import { VirtkitError, invalidInput, toVirtkitError } from '@virtkit/spi'

export interface Listen {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** What the operating system says about listening, in our words. */
export function listenError(error: unknown, { host, port }: Listen, option: 'listen' | 'tftp' = 'listen'): VirtkitError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (code === 'EADDRINUSE') {
    return new VirtkitError('CONFLICT', `Port ${port} of ${host} is taken: the boot server cannot listen on ${where}.`, {
      details: { field: `${option}.port`, with: where },
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
    const hint = 'name an address of this machine that guests can reach'
    return invalidInput([{ field: `${option}.host`, problem: `${host} is not an address of this machine`, hint }])
  }
  return toVirtkitError(error)
}
