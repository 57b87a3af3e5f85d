import type { PlanValues } from '../plan/plan-values.ts'
import { cardWith } from './debian-extra-cards.ts'
import { shellWord } from './quoting.ts'

/** Anaconda's `network` command knows no routes: they are set on the first boot, by lines that may run twice. */
export function networkManagerRoutes({ networks }: PlanValues): string[] {
  const cards = networks.filter(({ routes }) => routes.length > 0)
  if (cards.length === 0) return []
  return [
    ...cardWith,
    ...cards.flatMap(({ mac, routes }) => [
      `card=$(card_with ${shellWord(mac)})`,
      'connection=$(nmcli -g GENERAL.CONNECTION device show "$card" 2>/dev/null)',
      'if [ -n "$card" ] && [ -n "$connection" ]; then',
      ...routes.map(
        ({ version, network, prefix, via }) =>
          `  nmcli connection modify "$connection" +ipv${version}.routes ${shellWord(`${network}/${prefix} ${via}`)} || true`,
      ),
      '  nmcli device reapply "$card" || true',
      'fi',
    ]),
  ]
}
