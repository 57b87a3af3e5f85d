/** A call of `wget` or `curl`, read from its arguments. */
export interface FetchCall {
  readonly url: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A path, or `-` for the output. Left out: wget names a file after the URL, curl prints. */
  readonly output?: string
  /** A status of 400 or more is a failure: always so for wget. */
  readonly failsOnStatus: boolean
  readonly quiet: boolean
  readonly tries: number
}

/** The arguments are not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Given = readonly (readonly [name: string, value: string])[]

/** Options with a value by long name, with the letter where there is one; the others are switches. */
interface Known {
  readonly values: Readonly<Record<string, string>>
  readonly switches: Readonly<Record<string, string>>
}

const wgetOptions: Known = {
  values: {
    'output-document': 'O',
    'post-data': '',
    'post-file': '',
    'body-data': '',
    method: '',
    header: '',
    timeout: 'T',
    tries: 't',
    'user-agent': 'U',
    'output-file': 'o',
    'directory-prefix': 'P',
    waitretry: '',
    'connect-timeout': '',
    'read-timeout': '',
  },
  switches: {
    quiet: 'q',
    'no-verbose': '',
    'no-check-certificate': '',
    'no-proxy': '',
    'retry-connrefused': '',
    spider: '',
    'content-on-error': '',
    'inet4-only': '4',
    'inet6-only': '6',
    'no-hsts': '',
    continue: 'c',
  },
}

const curlOptions: Known = {
  values: {
    output: 'o',
    data: 'd',
    'data-raw': '',
    'data-binary': '',
    'data-urlencode': '',
    request: 'X',
    header: 'H',
    'max-time': 'm',
    retry: '',
    'retry-delay': '',
    'retry-max-time': '',
    'connect-timeout': '',
    'user-agent': 'A',
    url: '',
    'write-out': 'w',
    json: '',
  },
  switches: {
    fail: 'f',
    silent: 's',
    'show-error': 'S',
    location: 'L',
    insecure: 'k',
    'fail-with-body': '',
    'retry-connrefused': '',
    'retry-all-errors': '',
    get: 'G',
    ipv4: '4',
    ipv6: '6',
    'no-progress-meter': '',
    globoff: 'g',
    include: 'i',
    head: 'I',
  },
}

/** Throws `UsageError`. */
export function readWget(args: readonly string[]): FetchCall {
  const { given, words } = readOptions(args, wgetOptions)
  const body = last(given, 'post-data', 'body-data')
  const method = last(given, 'method') ?? (last(given, 'post-data') === undefined ? undefined : 'POST')
  const output = last(given, 'output-document')
  return {
    url: onlyUrl(words),
    headers: { 'user-agent': 'Wget/1.21', ...headersOf(given, body !== undefined) },
    failsOnStatus: true,
    quiet: last(given, 'quiet') !== undefined,
    tries: Number(last(given, 'tries') ?? 1),
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    ...(output === undefined ? {} : { output }),
  }
}

/** Throws `UsageError`. */
export function readCurl(args: readonly string[]): FetchCall {
  const { given, words } = readOptions(args, curlOptions)
  const data = given.flatMap(([name, value]) => {
    if (name === 'data-urlencode')
      return [value.replace(/^([^=]*=)?(.*)$/s, (_, key = '', text) => key + encodeURIComponent(text))]
    return name.startsWith('data') || name === 'json' ? [value] : []
  })
  const asQuery = last(given, 'get') !== undefined
  const url = onlyUrl([...given.flatMap(([name, value]) => (name === 'url' ? [value] : [])), ...words])
  const body = data.length > 0 && !asQuery ? data.join('&') : undefined
  const method = last(given, 'request') ?? (last(given, 'head') === undefined ? undefined : 'HEAD')
  const output = last(given, 'output')
  const json: Record<string, string> = last(given, 'json') === undefined ? {} : { 'content-type': 'application/json' }
  return {
    url: asQuery && data.length > 0 ? `${url}${url.includes('?') ? '&' : '?'}${data.join('&')}` : url,
    headers: { 'user-agent': 'curl/7.88.1', ...headersOf(given, body !== undefined), ...json },
    failsOnStatus: last(given, 'fail', 'fail-with-body') !== undefined,
    quiet: last(given, 'silent') !== undefined && last(given, 'show-error') === undefined,
    tries: Number(last(given, 'retry') ?? 0) + 1,
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    ...(output === undefined ? {} : { output }),
  }
}

function readOptions(args: readonly string[], known: Known): { given: Given; words: string[] } {
  const given: [string, string][] = []
  const words: string[] = []
  const queue = [...args]
  const valueOf = (option: string, inline: string | undefined): string => {
    const value = inline ?? queue.shift()
    if (value === undefined) throw new UsageError(`option ${option} needs a value`)
    return value
  }
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    const [, long, inline] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (long !== undefined) {
      if (long in known.values) given.push([long, valueOf(arg, inline)])
      else if (long in known.switches) given.push([long, ''])
      else throw new UsageError(`unknown option --${long}`)
    } else if (/^-./.test(arg)) {
      for (let at = 1; at < arg.length; at += 1) {
        const letter = arg[at]
        const takes = Object.entries(known.values).find(([, own]) => own === letter)?.[0]
        const sets = Object.entries(known.switches).find(([, own]) => own === letter)?.[0]
        if (takes !== undefined) {
          given.push([takes, valueOf(`-${letter}`, arg.slice(at + 1) || undefined)])
          break
        }
        // GNU wget spells some switches like `-nv`.
        if (sets === undefined && !arg.startsWith('-n')) throw new UsageError(`unknown option -${letter}`)
        if (sets !== undefined) given.push([sets, ''])
      }
    } else words.push(arg)
  }
  return { given, words }
}

function last(given: Given, ...names: readonly string[]): string | undefined {
  return given.findLast(([name]) => names.includes(name))?.[1]
}

function headersOf(given: Given, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = hasBody ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  for (const [name, value] of given) {
    const at = value.indexOf(':')
    if (name === 'header' && at > 0) headers[value.slice(0, at).trim().toLowerCase()] = value.slice(at + 1).trim()
  }
  return headers
}

function onlyUrl(words: readonly string[]): string {
  const [url] = words
  if (url === undefined || words.length > 1) throw new UsageError(url === undefined ? 'missing URL' : 'more than one URL')
  return url.includes('://') ? url : `http://${url}`
}
