import { Secret, type SchemaIssue, type SchemaResult, type StandardSchema } from '@virtkit/spi'
import { parseEndpoint, userName } from './client/endpoint.ts'

/** What a cluster row of type `libvirt` holds. */
export interface LibvirtOptions {
  /** `qemu:///system`, `qemu:///session`, `qemu+ssh://root@host/system`; with `?socket=/path`, over SSH `&keyfile=/path`. */
  readonly url: string
  /** Who logs in over SSH, where the URL does not say. */
  readonly username?: string
  /** Over SSH: take any host key. Default false. */
  readonly insecure?: boolean
  /** Accepted and without effect. */
  readonly http?: boolean
  /**
   * How guests run: `kvm`, `tcg` (software emulation), or `auto`, which takes KVM where a small guest really runs under it within
   * ten seconds, and software emulation else. Default `auto`.
   */
  readonly accel?: 'auto' | 'kvm' | 'tcg'
  /** The name under which QEMU's own user-mode network is offered beside libvirt's networks. Left out: it is not. */
  readonly userNetwork?: string
}

/** Checks options without any library; an unknown field is an error that names it. */
export const libvirtOptions: StandardSchema<LibvirtOptions> = {
  '~standard': { version: 1, vendor: 'virtkit', validate },
}

const known = ['url', 'username', 'password', 'insecure', 'http', 'accel', 'userNetwork']

function validate(value: unknown): SchemaResult<LibvirtOptions> {
  if (typeof value !== 'object' || value === null) return { issues: [{ message: 'must be an object' }] }
  const issues: SchemaIssue[] = []
  const options: { -readonly [K in keyof LibvirtOptions]: LibvirtOptions[K] } = { url: 'qemu:///system' }
  const given = Object.entries(value).filter(([, each]) => each !== undefined)
  for (const [field, each] of given) {
    const message = problem(field, each)
    if (message !== undefined) issues.push({ message, path: [field] })
    else if (field !== 'password' && !isNobody(field, each)) Object.assign(options, { [field]: each })
  }
  return issues.length > 0 ? { issues } : { value: options }
}

/** A cluster row that names no user holds an empty text. */
function isNobody(field: string, value: unknown): boolean {
  return field === 'username' && value === ''
}

function problem(field: string, value: unknown): string | undefined {
  switch (field) {
    case 'url': {
      const endpoint = typeof value === 'string' ? parseEndpoint(value) : { problem: 'must be a text' }
      return 'problem' in endpoint ? endpoint.problem : undefined
    }
    case 'username':
      return isNobody(field, value) || (typeof value === 'string' && userName.test(value))
        ? undefined
        : 'must be a user name: letters, digits, . _ -'
    case 'password': {
      const text = value instanceof Secret ? value.reveal() : value
      return text === '' ? undefined : 'is of no use here: log in over SSH with a key that needs no password'
    }
    case 'insecure':
    case 'http':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'accel':
      return value === 'auto' || value === 'kvm' || value === 'tcg' ? undefined : "must be 'auto', 'kvm' or 'tcg'"
    case 'userNetwork':
      return typeof value === 'string' && /^[\w.-]{1,40}$/.test(value)
        ? undefined
        : 'must be a name of letters, digits, . _ -'
    default:
      return `is not an option of this driver; known: ${known.join(', ')}`
  }
}
