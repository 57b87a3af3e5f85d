import { type InstallPlan, type PlannedNetwork, Secret, formatIp } from '@virtkit/spi'
import fc from 'fast-check'
import * as grammars from '../src/plan/grammars.ts'
import type { Grammar } from '../src/plan/grammars.ts'
import { richPlan } from './plans.ts'

/** Pieces that end a word, a line, a value or a command in one of the languages of answer files, among ordinary text. */
const piece = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    "'",
    '"',
    "''",
    '\\',
    '$(id)',
    '`id`',
    '${x}',
    '$card',
    '$disk',
    '\0',
    ';',
    '&&',
    '||',
    '#',
    '%end',
    '#!/bin/sh',
    ']]>',
    '</source>',
    '<!--',
    '&amp;',
    '&',
    '<',
    ': ',
    '- ',
    '{',
    '\n',
    '\r\n',
    '\u2028',
    '\u2019',
    ' ',
    'END',
    '!',
  ),
)

/** Text that means harm. */
export const hostile: fc.Arbitrary<string> = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))

/** Text that means harm and fits into one line: what an SSH key's comment or a password may be. */
export const hostileLine: fc.Arbitrary<string> = hostile.filter((text) => /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(text))

/** A value at the edges of what its grammar takes. */
const any = ({ pattern, maxLength }: Grammar): fc.Arbitrary<string> =>
  fc.stringMatching(pattern).filter((text) => text.length <= maxLength && text.length > 0)

const address = (version: 4 | 6, prefix: number): fc.Arbitrary<{ address: string; prefix: number; gateway: string }> =>
  fc.bigInt({ min: 2n, max: 2n ** (version === 4 ? 7n : 60n) }).map((host) => {
    const base = version === 4 ? 0x0a140000n : 0x20010db8n << 96n
    const text = (value: bigint): string => formatIp({ version, value: base + value })
    return { address: text(host), prefix, gateway: text(1n) }
  })

const routes = fc.constantFrom<PlannedNetwork['routes']>(
  [],
  [{ to: '10.99.0.0/16', via: '10.20.0.3' }],
  [
    { to: '192.0.2.0/24', via: '10.20.0.3' },
    { to: '2001:db8:9::/48', via: '2001:db8::3' },
  ],
)

const card = (index: number): fc.Arbitrary<PlannedNetwork> =>
  fc.record(
    {
      mac: fc.constant(`52:54:00:00:00:0${index}`),
      static: address(4, 24),
      static6: address(6, 64),
      routes,
      dns: fc.subarray(['10.20.0.1', '2001:db8::53', '192.0.2.53']),
      searchDomains: fc.array(any(grammars.domain), { maxLength: 2 }),
      isolated: fc.boolean(),
    },
    { requiredKeys: ['mac', 'dns', 'searchDomains', 'isolated'] },
  )

const key = fc
  .tuple(fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'sk-ssh-ed25519@openssh.com'), hostileLine)
  .map(([type, comment]) => `${type} ${'A'.repeat(68)} ${comment}`)

/** Plans that are taken; `packages` are those of one installer. */
export function anyPlan(packages: Grammar, hostname: Grammar = grammars.hostname): fc.Arbitrary<InstallPlan> {
  return fc
    .record({
      hostname: any(hostname),
      domain: fc.option(any(grammars.domain), { nil: undefined }),
      locale: any(grammars.locale),
      keyboard: any(grammars.keyboard),
      timezone: any(grammars.timezone),
      sshKeys: fc.array(key, { maxLength: 3 }),
      packages: fc.array(any(packages), { maxLength: 4 }),
      networks: fc.tuple(card(1), card(2)),
      mirror: any(grammars.mirror).filter((text) => URL.canParse(text)),
      hash: fc.stringMatching(/^\$6\$[./A-Za-z0-9]{8}\$[./A-Za-z0-9]{86}$/),
      firmware: fc.constantFrom('bios' as const, 'uefi' as const),
    })
    .map(({ hash, domain, firmware, ...values }) => ({
      ...richPlan,
      domain: undefined,
      ...values,
      ...(domain !== undefined && { domain }),
      machine: { ...richPlan.machine, firmware },
      rootPasswordHash: new Secret(hash),
    })) as fc.Arbitrary<InstallPlan>
}
