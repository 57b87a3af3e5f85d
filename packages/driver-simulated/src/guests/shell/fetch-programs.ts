import { FetchFailed } from '../fetch-failed.ts'
import { UsageError, readCurl, readWget } from './fetch-options.ts'
import type { FetchCall } from './fetch-options.ts'
import type { ProgramInput, ProgramResult, ShellProgram } from './shell-host.ts'

/** `wget` and `curl`: each call is a real request. */
export const fetchPrograms: Readonly<Record<string, ShellProgram>> = {
  wget: (args, input) => run('wget', () => wget(readWget(args)), input),
  curl: (args, input) => run('curl', () => readCurl(args), input),
}

/** wget writes to a file of the URL's name unless it is told where to. */
function wget(call: FetchCall): FetchCall {
  return { output: `/${new URL(call.url).pathname.split('/').at(-1) || 'index.html'}`, ...call }
}

async function run(program: string, read: () => FetchCall, input: ProgramInput): Promise<ProgramResult> {
  try {
    const call = read()
    for (let left = Math.max(1, Math.min(call.tries, 20)); ; left -= 1) {
      const result = await once(program, call, input)
      if (result.status === 0 || left === 1) return result
      await input.host.clock.sleep(1000, input.host.signal)
    }
  } catch (error) {
    if (error instanceof UsageError || error instanceof TypeError)
      return { status: 2, error: `${program}: ${error.message}` }
    throw error
  }
}

async function once(program: string, call: FetchCall, { host, stdin }: ProgramInput): Promise<ProgramResult> {
  const failure = (status: number, message: string): ProgramResult => ({
    status,
    ...(call.quiet ? {} : { error: `${program}: ${message}` }),
  })
  try {
    const { url, method, headers } = call
    const body = call.body === '@-' ? stdin : call.body?.startsWith('@') ? host.files.read(call.body.slice(1)) : call.body
    const request = { url, headers, ...(method === undefined ? {} : { method }), ...(body === undefined ? {} : { body }) }
    const answer = await host.client.request(request, host.signal)
    if (call.failsOnStatus && answer.status >= 400) {
      return failure(program === 'wget' ? 8 : 22, `the server answered ${answer.status}`)
    }
    const text = Buffer.from(answer.body).toString('utf8')
    if (call.output === undefined || call.output === '-') return { status: 0, out: text }
    if (call.output !== '/dev/null') host.files.write(call.output, text)
    return { status: 0 }
  } catch (error) {
    if (error instanceof FetchFailed) return failure(program === 'wget' ? 4 : 7, error.message)
    throw error
  }
}
