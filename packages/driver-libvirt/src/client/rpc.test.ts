import { once } from 'node:events'
import { PassThrough, Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ConnectionLost, LibvirtError, Rpc } from './rpc.ts'
import { XdrReader, XdrWriter } from './xdr.ts'

/** A libvirt that says what a test tells it to say. */
function wire() {
  const [toClient, toServer] = [new PassThrough(), new PassThrough()]
  const rpc = new Rpc(Duplex.from({ readable: toClient, writable: toServer }), () => undefined)
  const say = (serial: number, status: number, body: Buffer, cut = 0): void => {
    const head = new XdrWriter()
      .uint(28 + body.length)
      .uint(0x20008086)
      .uint(1)
      .int(59)
      .int(1)
      .uint(serial)
      .int(status)
    const message = Buffer.concat([head.bytes(), body])
    toClient.write(message.subarray(0, cut || message.length))
    if (cut > 0) setImmediate(() => toClient.write(message.subarray(cut)))
  }
  return { rpc, say, toClient, toServer }
}

const hello = new XdrWriter().string('höst').bytes()

describe('the protocol', () => {
  it('answers calls by their number, in whatever order and however cut', async () => {
    const { rpc, say } = wire()
    const [first, second] = [rpc.call('hostname'), rpc.call('hostname')]
    say(2, 0, new XdrWriter().string('two').bytes())
    say(1, 0, hello, 3)
    expect([(await first).string(), (await second).string()]).toEqual(['höst', 'two'])
  })

  it('tells what libvirt refuses with its number', async () => {
    const { rpc, say } = wire()
    const call = rpc.call('hostname')
    say(1, 1, new XdrWriter().int(42).int(10).optionalString('no domain').bytes())
    await expect(call).rejects.toThrow(new LibvirtError(42, 'no domain'))
  })

  it('fails all calls when the connection ends, and those after it as not sent', async () => {
    const { rpc, toClient, toServer } = wire()
    const call = rpc.call('hostname')
    await once(toServer, 'readable')
    toClient.destroy()
    await expect(call).rejects.toMatchObject({ sent: true })
    await expect(rpc.call('hostname')).rejects.toMatchObject({ sent: false })
    expect(await call.catch((error: unknown) => error)).toBeInstanceOf(ConnectionLost)
  })

  it.each([0, 27, 0x7fffffff])('hangs up on whoever claims a message of %i bytes', async (length) => {
    const { rpc, toClient } = wire()
    const call = rpc.call('hostname')
    const head = Buffer.alloc(4)
    head.writeUInt32BE(length)
    toClient.write(head)
    await expect(call).rejects.toBeInstanceOf(ConnectionLost)
  })

  it('refuses texts and lists that are longer than their message', () => {
    const long = new XdrWriter().uint(0xffffffff).bytes()
    expect(() => new XdrReader(long).string()).toThrow(RangeError)
    expect(() => new XdrReader(long).list(() => 0)).toThrow(RangeError)
  })
})
