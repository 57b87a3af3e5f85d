import { invalidParameters } from '../api-error.ts'

export interface Upid {
  readonly node: string
  readonly pid: number
  /** In hundredths of a second since the node booted. */
  readonly pstart: number
  /** Seconds since 1970. */
  readonly starttime: number
  readonly type: string
  /** Mostly a machine's number; uploads have none. */
  readonly id: string
  /** `root@pam` or `root@pam!token`. */
  readonly user: string
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')

export function renderUpid({ node, pid, pstart, starttime, type, id, user }: Upid): string {
  return `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`
}

const form = /^UPID:([\w-]+):([0-9A-F]{8}):([0-9A-F]{8,9}):([0-9A-F]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/i

export function parseUpid(text: string): Upid {
  const [, node, pid, pstart, starttime, type, id, user] = form.exec(text) ?? []
  if (node === undefined || type === undefined || id === undefined || user === undefined) {
    throw invalidParameters({ upid: 'unable to parse worker upid' })
  }
  const number = (digits = '0'): number => Number.parseInt(digits, 16)
  return { node, pid: number(pid), pstart: number(pstart), starttime: number(starttime), type, id, user }
}
