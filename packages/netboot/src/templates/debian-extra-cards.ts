import type { NetworkValues } from '../plan/network-values.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import { interfaceStanzas, routeCommands, secondStanza } from './interfaces.ts'
import { shellWord } from './quoting.ts'

/**
 * debian-installer configures the card that it installs through, with one address and no routes. The rest is written on the
 * first boot, when the cards have the names that they keep: lines of a shell script, which may run twice.
 */
export function debianExtraCards(values: PlanValues): string[] {
  const [first, ...others] = values.networks
  const lines = [...restOfFirstCard(first), ...others.flatMap((network, index) => extraCard(network, index + 1))]
  return lines.length === 0 ? [] : [...cardWith, ...lines]
}

/** A shell function that finds the name of a card by its MAC. */
export const cardWith: readonly string[] = [
  'card_with() {',
  '  for card in /sys/class/net/*; do',
  '    if [ "$(cat "$card/address" 2>/dev/null)" = "$1" ]; then echo "${card##*/}"; return; fi',
  '  done',
  '}',
]

function restOfFirstCard(network: NetworkValues): string[] {
  const ups = routeCommands(network, '"$card"')
  const stanza = secondStanza(network, '$card')
  if (stanza.length + ups.length === 0) return []
  const written = stanza.length > 0 ? writeAndUp(stanza, 0) : []
  // The stanza of the first address is the installer's: a hook sets the routes whenever the card comes up.
  const hook = '/etc/network/if-up.d/virtkit-routes'
  const lines = ['#!/bin/sh', '[ "$IFACE" = "$card" ] || exit 0', ...ups]
  const hooked = [`printf '%s\\n' ${lines.map(expandingCard).join(' ')} > ${hook}`, `chmod 0755 ${hook}`, ...ups].map(
    (line) => `  ${line}`,
  )
  return [
    `card=$(card_with ${shellWord(network.mac)})`,
    'if [ -n "$card" ]; then',
    ...written,
    ...(ups.length > 0 ? hooked : []),
    'fi',
  ]
}

function extraCard(network: NetworkValues, index: number): string[] {
  return [
    `card=$(card_with ${shellWord(network.mac)})`,
    'if [ -n "$card" ]; then',
    ...writeAndUp(interfaceStanzas(network, '$card'), index),
    'fi',
  ]
}

function writeAndUp(stanzas: readonly string[], index: number): string[] {
  return [
    `  printf '%s\\n' ${stanzas.map(expandingCard).join(' ')} > /etc/network/interfaces.d/virtkit-${index}`,
    '  ifup "$card" || true',
  ]
}

/** One word in which `$card` stands for the name of the card and everything else for itself. */
function expandingCard(line: string): string {
  const text = line.replaceAll('"$card"', '$card')
  if (!text.includes('$card')) return shellWord(text)
  return text
    .split('$card')
    .map((part) => (part === '' ? '' : shellWord(part)))
    .join('"$card"')
}
