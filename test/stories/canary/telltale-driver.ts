import { type AnyDriver, type Hypervisor, VirtkitError } from '@virtkit/spi'

/** The ways in which drivers say with what they tried. */
const ways: readonly ((text: string) => Error)[] = [
  (text) => new Error(`cannot log in with ${text}`),
  (text) =>
    new VirtkitError('HYPERVISOR_REFUSED', `refused: ${text}`, {
      details: { reason: text } as never,
      hint: `not ${text}?`,
    }),
  (text) => new Error('request failed', { cause: new TypeError('socket', { cause: { config: { auth: text } } }) }),
  (text) => new AggregateError([new Error('one'), new Error(Buffer.from(`root:${text}`).toString('base64'))], 'two failed'),
  (text) =>
    Object.assign(new Error('HTTP 401'), {
      request: new Request('http://lab/', { headers: { 'x-auth': encodeURIComponent(text) } }),
    }),
  (text) => Object.assign(new Error('dump'), { stack: `Error: dump\n    at login (${Buffer.from(text).toString('hex')})` }),
]

export interface TelltaleDriver {
  readonly driver: AnyDriver
  /** From now on calls of machines fail as well, and say it. */
  telling: boolean
}

/**
 * A driver around another that repeats its password in what it throws: whoever logs in with a password that is not `right`, each time in
 * another way. `heard` is told what it was given.
 */
export function telltaleDriver(inner: AnyDriver, right: string, heard: (text: string) => void): TelltaleDriver {
  let next = 0
  const failure = (text: string): Error => ways[next++ % ways.length]!(text)
  const telltale: { driver: AnyDriver; telling: boolean } = { telling: false, driver: inner }
  telltale.driver = {
    ...inner,
    connect: async (options: never, call) => {
      const password = (options as { readonly password?: { reveal(): string } }).password?.reveal() ?? ''
      heard(password)
      if (password !== '' && password !== right) throw failure(password)
      const hypervisor = await inner.connect(options, call)
      const power: Hypervisor['power'] = {
        read: (...given) => hypervisor.power.read(...given),
        off: (...given) => hypervisor.power.off(...given),
        on: async (...given) => (telltale.telling ? Promise.reject(failure(password)) : hypervisor.power.on(...given)),
        ...(hypervisor.power.shutdown && { shutdown: (...given) => hypervisor.power.shutdown!(...given) }),
      }
      return new Proxy(hypervisor, {
        get(target, name): unknown {
          const facet: unknown = name === 'power' ? power : Reflect.get(target, name, target)
          return typeof facet === 'function' ? facet.bind(target) : facet
        },
      })
    },
  }
  return telltale
}
