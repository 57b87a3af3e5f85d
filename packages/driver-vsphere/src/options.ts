import { Secret, type SchemaIssue, type SchemaResult, type StandardSchema } from '@virtkit/spi'

/** What a cluster row of type `vmware` holds. */
export interface VmwareOptions {
  /** `https://vcenter.example.com` of a vCenter or an ESXi host; `/sdk` is added where it is missing. */
  readonly url: string
  readonly username: string
  readonly password: Secret
  /** Do not verify the certificate. Default false. */
  readonly insecure?: boolean
  /** Plain HTTP. Default false. */
  readonly http?: boolean
  /** PEM text of the authority to trust instead of those that Node knows. */
  readonly ca?: string
  /** Where machines go when nobody says where; without it the first. */
  readonly datacenter?: string
  /** The folder of boot images on a datastore. Default `isos`. */
  readonly mediaFolder?: string
}

const known = 'url, username, password, insecure, http, ca, datacenter, mediaFolder'

/** Checks options without any library; an unknown field is an error that names it. */
export const vmwareOptions: StandardSchema<VmwareOptions> = {
  '~standard': { version: 1, vendor: 'virtkit', validate },
}

function validate(value: unknown): SchemaResult<VmwareOptions> {
  if (typeof value !== 'object' || value === null) return { issues: [{ message: 'must be an object' }] }
  const given = value as { readonly [field: string]: unknown }
  const issues: SchemaIssue[] = []
  const wrong = (field: string, message: string): void => void issues.push({ message, path: [field] })
  const options: { -readonly [K in keyof VmwareOptions]?: VmwareOptions[K] } = {}
  for (const [field, each] of Object.entries(given)) {
    if (each === undefined) continue
    if (field === 'url' || field === 'username' || field === 'password') continue
    if (field === 'insecure' || field === 'http') {
      if (typeof each === 'boolean') options[field] = each
      else wrong(field, 'must be true or false')
    } else if (field === 'ca') {
      if (typeof each === 'string' && each.includes('-----BEGIN CERTIFICATE-----')) options.ca = each
      else wrong(field, 'must be a certificate in PEM')
    } else if (field === 'datacenter') {
      if (typeof each === 'string' && each !== '') options.datacenter = each
      else wrong(field, 'must be the name of a datacenter')
    } else if (field === 'mediaFolder') {
      if (typeof each === 'string' && /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(each) && !each.includes('..')) {
        options.mediaFolder = each
      } else wrong(field, "must be a folder like 'isos' or 'virtkit/isos'")
    } else wrong(field, `is not an option of this driver; known: ${known}`)
  }
  const { url, username, password } = given
  const normal = readUrl(url, options.http === true)
  if (typeof normal === 'string') options.url = normal
  else wrong('url', normal.problem)
  if (typeof username === 'string' && username !== '') options.username = username
  else wrong('username', 'must be a text: administrator@vsphere.local')
  if (password instanceof Secret) options.password = password
  else if (typeof password === 'string' && password !== '') options.password = new Secret(password)
  else wrong('password', 'must be a text or a Secret')
  return issues.length > 0 ? { issues } : { value: options as VmwareOptions }
}

function readUrl(given: unknown, http: boolean): string | { readonly problem: string } {
  const problem = "must be like 'https://vcenter.example.com'"
  if (typeof given !== 'string' || given === '') return { problem }
  const url = URL.parse(given.includes('://') ? given : `${http ? 'http' : 'https'}://${given}`)
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.hostname === '') return { problem }
  // Credentials have their own fields; in a URL they would end up in logs.
  if (url.username !== '' || url.password !== '')
    return { problem: 'holds credentials: write them into username and password' }
  if (url.protocol === 'http:' && !http)
    return { problem: 'is plain HTTP: write https, or set http to true to ask for that' }
  if (url.search !== '' || url.hash !== '' || !['/', '/sdk', '/sdk/'].includes(url.pathname)) return { problem }
  if (http) url.protocol = 'http:'
  url.pathname = '/sdk'
  return url.href
}
