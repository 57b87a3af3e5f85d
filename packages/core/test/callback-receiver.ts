import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

// A receiver of callbacks in a process of its own, which checks them with the library of Standard Webhooks' authors, and kills who
// sends: every third delivery, in turn before it has answered and just afterwards.

export interface ReceivedCallback {
  readonly id: string
  readonly type: string
  readonly subject: string
}

export type ToReceiver = { readonly secret: string } | { readonly victim: number } | 'report'
export type FromReceiver =
  | { readonly port: number }
  | { readonly received: readonly ReceivedCallback[]; readonly refused: readonly string[]; readonly kills: number }

const received: ReceivedCallback[] = []
const refused: string[] = []
let webhook: Webhook | undefined
let victim: number | undefined
let untilKill = 3
let kills = 0

const server = createServer((request, response) => {
  void text(request)
    .then((body) => {
      const payload = webhook?.verify(body, request.headers as Record<string, string>)
      const { type, data } = payload as { type: string; data: { subject: string } }
      received.push({ id: String(request.headers['webhook-id']), type, subject: data.subject })
      const sender = victim
      untilKill -= 1
      if (sender === undefined || untilKill > 0) {
        response.writeHead(204).end()
        return
      }
      ;[victim, untilKill] = [undefined, 3]
      kills += 1
      if (kills % 2 === 1) process.kill(sender, 'SIGKILL')
      else response.writeHead(204).end(() => process.kill(sender, 'SIGKILL'))
    })
    .catch((error: unknown) => {
      refused.push(String(error))
      response.writeHead(400).end()
    })
})
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }))

process.on('message', (message: ToReceiver) => {
  if (message === 'report') tell({ received, refused, kills })
  else if ('secret' in message) webhook = new Webhook(message.secret)
  else victim = message.victim
})

function tell(message: FromReceiver): void {
  process.send?.(message)
}
