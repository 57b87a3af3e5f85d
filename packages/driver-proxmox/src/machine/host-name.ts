const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsName = new RegExp(`^(?:${label}\\.)*${label}$`)

/** A name as the server takes it: like a host in DNS. One that is such a name already stays as it is. */
export function hostNameOf(name: string): string {
  if (dnsName.test(name)) return name
  const labels = name
    .normalize('NFKD')
    .replaceAll(/[^a-zA-Z0-9.-]+/g, '-')
    .split('.')
    .map((part) => part.slice(0, 63).replaceAll(/^-+|-+$/g, ''))
    .filter((part) => part !== '')
  return labels.join('.') || 'vm'
}
