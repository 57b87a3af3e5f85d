import { ApiError } from '@virtkit/rest/client'
import { type InputProblem, VirtkitError, invalidInput, toVirtkitError } from '@virtkit/spi'
import { CommandError } from '../output/command-error.ts'

/**
 * What the API answered, as the error that the service threw; so a command tells the same in whichever place it works. What is no
 * answer of the API is told apart: a server that cannot be reached, and one that is none of ours.
 */
export function toCommandError(error: unknown, url?: string): unknown {
  if (error instanceof ApiError) return fromAnswer(error, url)
  if (error instanceof SyntaxError && url !== undefined) return noApi(url)
  const cause = error instanceof TypeError && error.cause instanceof Error ? error.cause : undefined
  if (!cause || url === undefined) return error
  const reason = 'code' in cause ? String(cause.code) : cause.message
  const hint = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(reason)
    ? 'Trust its authority: NODE_EXTRA_CA_CERTS=ca.pem virtkit …'
    : 'Look at --url, and whether it runs there: virtkit serve.'
  // What was sent may have arrived, unless nobody was there to take it.
  const outcome = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT|bad port/.test(reason) ? 'did-not-happen' : 'unknown'
  return new CommandError(`${url} cannot be reached (${reason}).`, { hint, outcome, cause })
}

function fromAnswer(error: ApiError, url: string | undefined): unknown {
  const { code, status, errors } = error
  if (code !== undefined) return ours(code, error)
  const message = errors.join('; ')
  if (status === 400) return invalidInput(problemsOf(errors))
  if (status === 401) {
    const hint = `Log in: virtkit login ${url ?? 'URL'}`
    return new VirtkitError('UNAUTHENTICATED', sentence(message), { details: {}, hint })
  }
  if (status === 403) return new VirtkitError('FORBIDDEN', sentence(message), { details: {} })
  // Ours says more of what is not there, and with a code.
  if (status === 404 && url !== undefined) return noApi(url)
  return other(error)
}

function noApi(url: string): CommandError {
  const hint = 'Give --url with the path where the API begins, such as https://host/rest/v1.'
  return new CommandError(`${url} is no API of Virtkit.`, { hint })
}

function other({ status, errors, retryAfterMs }: ApiError): CommandError {
  const hint =
    retryAfterMs === undefined
      ? 'Look at the log of the server.'
      : `Do it again after ${Math.ceil(retryAfterMs / 1000)} seconds.`
  return new CommandError(`${errors.join('; ')} (HTTP ${status}).`, {
    hint,
    outcome: status >= 500 ? 'unknown' : 'did-not-happen',
  })
}

function ours(code: string, error: ApiError): VirtkitError {
  if (code === 'INVALID_INPUT') return invalidInput(problemsOf(error.errors))
  const { hint, outcome, errors, details } = error
  const text = errors.join('; ')
  const message = hint !== undefined && text.endsWith(` ${hint}`) ? text.slice(0, -hint.length - 1) : text
  return toVirtkitError({ code, message, details, outcome, ...(hint !== undefined && { hint }) })
}

/** `ram: is no size (write 4GB)`, as the API says it. */
function problemsOf(errors: readonly string[]): InputProblem[] {
  return errors.map((text) => {
    const [, field, problem] = /^([\w.[\]]+): ([^]*)$/.exec(text) ?? []
    if (field === undefined || problem === undefined) return { field: 'request', problem: text }
    return { field: flags[field] ?? field, problem }
  })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/** What the API calls a field, and what the command line does. */
const flags: Readonly<Record<string, string>> = {
  clusterkey: '--cluster',
  cpu: '--cpus',
  cpulimit: '--cpus',
  disc: '--disk',
  disclimit: '--disk',
  ipreservation: '--range',
  memorylimit: '--memory',
  netkey: '--network',
  oskey: '--os',
  ram: '--memory',
  vmlimit: '--machines',
}
