import type { ErrorCode } from '@virtkit/spi'
import { type Member, entriesOf, membersOf } from '../members.ts'
import { code, renderTable, sentence } from '../table.ts'
import { errorAdvice } from './error-advice.ts'

/**
 * The page about errors, out of the list of codes (`error-details.ts`) and the HTTP status of each (`error-answer.ts`). Pure.
 */
export function renderErrors(details: string, response: string): string {
  const codes = membersOf(details, 'ErrorDetails')
  const statuses = entriesOf(response, 'statusOf')
  return `# Errors

Every failure is a \`VirtkitError\` with a code of this list, details of the code's own shape, a hint for a person where there is one, and an
\`outcome\`. \`did-not-happen\`: nothing was changed, do it again as you like. \`unknown\`: the request left us and no answer came
back; find out before you do it again. Over HTTP the code is in the answer when the client accepts \`application/problem+json\`.

${renderTable(
  ['Code', 'HTTP', 'Means'],
  codes.map(({ name, doc }) => [`[${code(name)}](#${name.toLowerCase()})`, statuses.get(name) ?? '', sentence(doc)]),
)}

${codes.map((each) => renderCode(each, statuses.get(each.name) ?? '')).join('\n\n')}
`
}

function renderCode({ name, type, doc }: Member, status: string): string {
  const details = type === 'Record<string, never>' ? 'none' : code(type)
  return `## ${name}

${[...(doc === '' ? [] : [sentence(doc), '']), `- **What to do:** ${errorAdvice[name as ErrorCode]}`].join('\n')}
- **Details:** ${details}
- **HTTP status:** ${status}`
}
