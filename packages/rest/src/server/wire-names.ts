/** What core calls a field, and what the original's API calls it. */
const names: Readonly<Record<string, string>> = {
  cpus: 'cpu',
  memoryMiB: 'ram',
  diskMiB: 'disc',
  os: 'oskey',
  network: 'netkey',
  passwordHash: 'password',
  provisioning: 'thickprovisioning',
  sshKeys: 'sshkeys',
  cluster: 'clusterkey',
  resourcePool: 'ressourcepool',
  credentialsKey: 'credentialskey',
  defaultsKey: 'defaultskey',
  reservation: 'ipreservation',
  zoneDomain: 'zonedomain',
  isolated: 'nointernet',
  quarantineMs: 'quarantine',
  names: 'vmnames',
  successUrl: 'callbackurl',
  errorUrl: 'errorcallbackurl',
  startUrl: 'installcallbackurl',
  deleteUrl: 'deletecallbackurl',
}

/** A field of core in the words of the wire. */
export function toWireNames(field: string): string {
  return field.replaceAll(/[A-Za-z]\w*/g, (word) => (Object.hasOwn(names, word) ? names[word]! : word))
}
