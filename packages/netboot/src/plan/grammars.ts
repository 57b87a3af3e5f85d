/**
 * What a value of a plan may look like. Everything that reaches a guest's installer or shell is checked against one of these
 * first and quoted after that: each alone would keep a value from becoming a command.
 */
export interface Grammar {
  readonly pattern: RegExp
  readonly maxLength: number
  /** Completes "must be …". */
  readonly rule: string
  readonly hint: string
}

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'

/** RFC 1123, 2.1: one label of a name. */
export const hostname: Grammar = {
  pattern: new RegExp(`^${label}$`),
  maxLength: 63,
  rule: 'letters, digits and hyphens, without a domain',
  hint: "write it like 'web-1'",
}

export const domain: Grammar = {
  pattern: new RegExp(`^${label}(?:\\.${label})*$`),
  maxLength: 189,
  rule: 'a domain name',
  hint: "write it like 'example.com'",
}

export const locale: Grammar = {
  pattern: /^(?:C|POSIX|[a-z]{2,3}_[A-Z]{2})(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/,
  maxLength: 40,
  rule: 'a POSIX locale',
  hint: "write it like 'en_US.UTF-8'",
}

export const keyboard: Grammar = {
  pattern: /^[a-z]{2,10}$/,
  maxLength: 10,
  rule: 'an XKB layout',
  hint: "write it like 'us' or 'de'",
}

export const timezone: Grammar = {
  pattern: /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}$/,
  maxLength: 64,
  rule: 'a name of the tz database',
  hint: "write it like 'Europe/Berlin' or 'UTC'",
}

/** crypt(5): the methods that every release of the catalog understands. */
export const passwordHash: Grammar = {
  pattern: /^\$(?:5|6|y|2[aby])\$[./A-Za-z0-9=,$]{20,}$/,
  maxLength: 300,
  rule: 'a crypt(3) hash',
  hint: "make one with 'openssl passwd -6'",
}

/** sshd(8), AUTHORIZED_KEYS: type, key, comment; options are refused. */
export const sshKey: Grammar = {
  pattern:
    /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}(?: [^\p{C}\p{Zl}\p{Zp}]*)?$/u,
  maxLength: 4000,
  rule: 'one public key in one line, without options',
  hint: "write it like 'ssh-ed25519 AAAA… name'",
}

/** Debian Policy, 5.6.1. A name that ends in a hyphen would ask apt to remove it. */
export const debPackage: Grammar = {
  pattern: /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/,
  maxLength: 120,
  rule: 'the name of a package',
  hint: "write it like 'nginx', without a version",
}

/** RPM names, groups (`@development`) and environments (`@^minimal-environment`). */
export const rpmPackage: Grammar = {
  pattern: /^(?:@\^?)?[A-Za-z0-9][A-Za-z0-9+._-]*$/,
  maxLength: 120,
  rule: 'the name of a package or group',
  hint: "write it like 'nginx' or '@development'",
}

/** An http(s) address without credentials, query or fragment; no character of it means anything to a shell or to iPXE. */
export const urlPattern: RegExp = new RegExp(
  `^https?://(?:${label}(?:\\.${label})*|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+,@=-]*)*$`,
)

export const mirror: Grammar = {
  pattern: urlPattern,
  maxLength: 500,
  rule: 'an http or https address without credentials or query',
  hint: "write it like 'http://mirror.example.com/debian'",
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
export const traceparent: Grammar = {
  pattern: /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
  maxLength: 55,
  rule: 'a W3C traceparent',
  hint: "write it like '00-<32 hex digits>-<16 hex digits>-01'",
}

/** Our own ids: they end up in file contents, never in commands. */
export const runId: Grammar = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:-]*$/,
  maxLength: 120,
  rule: 'made of letters, digits and . _ : -',
  hint: 'use the id that the kit gave',
}
