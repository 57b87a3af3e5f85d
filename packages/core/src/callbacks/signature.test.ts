import { createHmac } from 'node:crypto'
import { Secret } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { newSigningSecret, signedHeaders } from './signature.ts'

describe('signedHeaders', () => {
  // The example of the specification's reference libraries.
  it('signs as receivers check it', () => {
    const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const delivery = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: 1_614_265_330_999 }
    expect(signedHeaders(delivery, secret)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('covers id, time and body', () => {
    const secret = newSigningSecret()
    const delivery = { id: 'msg_1', body: '{"text":"ü"}', at: 5000 }
    const signature = signedHeaders(delivery, secret)['webhook-signature']
    for (const change of [{ id: 'msg_2' }, { at: 6000 }, { body: '{"text":"u"}' }]) {
      expect(signedHeaders({ ...delivery, ...change }, secret)['webhook-signature']).not.toBe(signature)
    }
    const key = Buffer.from(secret.reveal().slice(6), 'base64')
    expect(signature).toBe(`v1,${createHmac('sha256', key).update('msg_1.5.{"text":"ü"}').digest('base64')}`)
  })

  it("the specification's own library takes it, with the new secret and with the one before, and nothing that was changed", () => {
    const [fresh, former, other] = [newSigningSecret(), newSigningSecret(), newSigningSecret()]
    const body = '{"text":"ü\\n"}'
    const headers = { ...signedHeaders({ id: 'msg_1', body, at: Date.now() }, fresh, former) }
    for (const secret of [fresh, former])
      expect(new Webhook(secret.reveal()).verify(body, headers)).toEqual({ text: 'ü\n' })
    expect(() => new Webhook(other.reveal()).verify(body, headers)).toThrow('No matching signature')
    expect(() => new Webhook(fresh.reveal()).verify(body.replace('ü', 'u'), headers)).toThrow('No matching signature')
    const late = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }
    expect(() => new Webhook(fresh.reveal()).verify(body, late)).toThrow('No matching signature')
  })

  it('a secret is 32 random bytes', () => {
    expect(newSigningSecret().reveal()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(newSigningSecret().reveal()).not.toBe(newSigningSecret().reveal())
  })
})
