import { type CloudEvent, cloudEventType } from './cloud-events.ts'
import type { Command } from './command.ts'
import type { QueueMessage } from './queue-engine.ts'

/** Said once to whoever asks by HTTP, and not to a queue that keeps it. */
const secrets: ReadonlySet<string> = new Set(['password', 'secret', 'token'])

/** What came of a command: what the API answered, as a CloudEvent whose id is the command's. */
export function commandResult(
  { id, operation }: Pick<Command, 'id' | 'operation'>,
  answer: { readonly status: number; readonly body: unknown },
  about: { readonly source: string; readonly now: number },
): QueueMessage {
  const event: CloudEvent = {
    specversion: '1.0',
    id,
    source: about.source,
    type: answer.status < 300 ? 'virtkit.command.accepted' : 'virtkit.command.refused',
    subject: `command/${id}`,
    time: new Date(about.now).toISOString(),
    datacontenttype: 'application/json',
    data: { operation, status: answer.status, answer: withoutSecrets(answer.body) },
  }
  return { id, type: event.type, contentType: cloudEventType, body: event }
}

function withoutSecrets(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => !secrets.has(name)))
}
