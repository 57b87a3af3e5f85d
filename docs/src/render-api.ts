import type { Exports } from './declarations.ts'
import { apiPageOf } from './doors.ts'

/** The page of a door: each name that it hands out, what it promises, and how it is declared. Pure. */
export function renderApi(door: string, { declared, handedOn }: Exports): string {
  return [
    `# ${door}`,
    '',
    ...(handedOn.length > 0 ? [renderHandedOn(handedOn), ''] : []),
    ...declared.flatMap(({ name, prose, code }) => [
      `## ${name}`,
      '',
      ...(prose === '' ? [] : [prose, '']),
      '```ts',
      code,
      '```',
      '',
    ]),
  ].join('\n')
}

function renderHandedOn(handedOn: Exports['handedOn']): string {
  return [...Map.groupBy(handedOn, ({ from }) => from)]
    .map(([from, names]) => {
      const home = from.startsWith('@virtkit/') ? `[${from}](${apiPageOf(from)})` : `\`${from}\``
      return `Handed on from ${home}: ${names.map(({ name }) => `\`${name}\``).join(', ')}.`
    })
    .join('\n\n')
}
