/** What is different each time, and need only be of the same type. */
const changing = new Set(
  [
    'cpu mem memhost uptime pid pstart starttime endtime snaptime ctime used avail',
    'used_fraction disk netin netout diskread diskwrite ssl_fingerprint nics',
  ].flatMap((line) => line.split(' ')),
)
/** Lists whose order means nothing are held against each other by one of these. */
const names = ['volid', 'storage', 'iface', 'key', 'name', 'id', 'cmd']

/** Names in words each place where ours is not as it was recorded; nothing when it is. */
export function differences(recorded: unknown, ours: unknown, at = ''): string[] {
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    if (recorded.length !== ours.length) return [`${at}: ${recorded.length} in the recording, ${ours.length} here`]
    const [left, right] = [sorted(recorded), sorted(ours)]
    return left.flatMap((item, index) => differences(item, right[index], `${at}[${index}]`))
  }
  if (isObject(recorded) && isObject(ours)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(ours)])]
    return keys.flatMap((key) => {
      const place = at === '' ? key : `${at}.${key}`
      if (!(key in recorded)) return [`${place}: not in the recording`]
      if (!(key in ours)) return [`${place}: missing`]
      if (changing.has(key)) return typeof recorded[key] === typeof ours[key] ? [] : [`${place}: another type`]
      return differences(recorded[key], ours[key], place)
    })
  }
  const [left, right] = [masked(recorded), masked(ours)]
  return Object.is(left, right) ? [] : [`${at}: ${JSON.stringify(left)} in the recording, ${JSON.stringify(right)} here`]
}

/** Puts the same word for what is made up anew by every server. */
export function masked(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'DIGEST')
    .replaceAll(/creation-qemu=[\d.]+,ctime=\d+/g, 'creation-qemu=V,ctime=T')
    .replaceAll(/(UPID:\w+):[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:/g, '$1:PID:PSTART:TIME:')
    .replaceAll(/BC:24:11:(?!00:00)[0-9A-F:]{8}/g, 'MAC')
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function sorted(list: readonly unknown[]): unknown[] {
  const name = names.find((key) => list.every((item) => isObject(item) && key in item))
  if (name === undefined) return [...list]
  const keyOf = (item: unknown): string => String((item as Record<string, unknown>)[name])
  const distinct = new Set(list.map(keyOf)).size === list.length
  return distinct ? [...list].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) : [...list]
}
