import assert from 'node:assert/strict'
import type { MediaOperations } from '../../driver/media-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab } from '../lab.ts'

const badNames = [
  '../escape.iso',
  'folder/image.iso',
  'folder\\image.iso',
  '..',
  '',
  '.iso/',
  'two words.iso',
  'umläut.iso',
  'image.img',
  'image.iso\0',
  'image.iso\n',
  '/etc/image.iso',
  `${'x'.repeat(97)}.iso`,
]

export const mediaCases: readonly DriverCase[] = [
  {
    id: 'media.upload',
    name: 'an uploaded image is found under its name, by every session, with its size',
    needs: ['media'],
    promise: 'media.upload: stores an image under `name`',
    async run(lab) {
      const image = lab.image()
      const medium = await lab.upload(image)
      assert.equal(medium.name, image.name)
      assert.equal(medium.sizeBytes, image.sizeBytes)
      assert.deepEqual(await mediaOf(lab).find({ name: image.name }, lab.call()), medium)
      assert.deepEqual(await mediaOf(lab).find({ name: image.name, datastore: medium.datastore }, lab.call()), medium)
      const other = await lab.connect()
      assert.deepEqual(await other.media?.find({ name: image.name }, lab.call()), medium)
    },
  },
  {
    id: 'media.bytes',
    name: 'an image of many chunks is stored byte by byte',
    needs: ['media', 'hook readMedium'],
    promise: 'media.upload: yields one file with the bytes',
    async run(lab) {
      const chunks = Array.from({ length: 64 }, (_, i) => new Uint8Array(4096 + i).fill(i))
      const medium = await lab.upload(imageOf(lab, chunks))
      const stored = await lab.target.readMedium?.(medium.ref)
      assert.ok(stored && Buffer.from(stored).equals(Buffer.concat(chunks)), 'other bytes are stored than were uploaded')
    },
  },
  {
    id: 'media.one-pass',
    name: 'the content of an image is read once, from beginning to end',
    needs: ['media'],
    promise: 'media.upload: the content is streamed; `content` is called once per attempt',
    async run(lab) {
      let passes = 0
      let given = 0
      const image = imageOf(lab, [])
      await lab.upload({
        ...image,
        sizeBytes: 100 * 1024,
        content: async function* () {
          passes += 1
          for (; given < 100; given += 1) yield new Uint8Array(1024)
        },
      })
      assert.equal(passes, 1)
      assert.equal(given, 100)
    },
  },
  {
    id: 'media.twice',
    name: 'uploading twice under one name yields one file with the bytes of the last',
    needs: ['media'],
    promise: 'media.upload: twice the same name yields one file with the bytes of the last',
    async run(lab) {
      const image = lab.image()
      await lab.upload(image)
      const last = await lab.upload({ ...imageOf(lab, [new Uint8Array(5000).fill(7)]), name: image.name })
      assert.equal(last.sizeBytes, 5000)
      assert.deepEqual(await mediaOf(lab).find({ name: image.name }, lab.call()), last)
      const stored = await lab.target.readMedium?.(last.ref)
      if (stored)
        assert.ok(stored.length === 5000 && stored.every((byte) => byte === 7), 'the bytes are not those of the last')
      await mediaOf(lab).remove(last.ref, lab.call())
      assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined, 'there were two files')
    },
  },
  {
    id: 'media.concurrently',
    name: 'uploading one name twice at once yields one whole file',
    needs: ['media'],
    promise: 'media.upload: twice the same name yields one file; nobody sees a half-written file',
    async run(lab) {
      const small = imageOf(lab, [new Uint8Array(3000).fill(1)])
      const large = { ...imageOf(lab, [new Uint8Array(3000).fill(2), new Uint8Array(6000).fill(2)]), name: small.name }
      await Promise.all([lab.upload(small), lab.upload(large)])
      const found = await mediaOf(lab).find({ name: small.name }, lab.call())
      assert.ok(found && [3000, 9000].includes(found.sizeBytes), `the file has ${found?.sizeBytes} bytes`)
      const stored = await lab.target.readMedium?.(found.ref)
      if (stored) assert.ok(stored.length === found.sizeBytes && new Set(stored).size === 1, 'the two files are mixed')
    },
  },
  {
    id: 'media.aborted',
    name: 'an upload that is aborted half-way ends with CANCELLED and leaves no file',
    needs: ['media'],
    promise: 'media.upload: an aborted upload leaves none',
    async run(lab) {
      const abort = new AbortController()
      const image = {
        ...lab.image(),
        sizeBytes: 8192,
        content: async function* () {
          yield new Uint8Array(4096)
          abort.abort()
          yield new Uint8Array(4096)
        },
      }
      const ended = await lab.prompt('an aborted upload', lab.upload(image, lab.call({ signal: abort.signal })))
      assert.equal(ended.status, 'rejected', 'the aborted upload succeeded')
      if (ended.status === 'rejected') await lab.rejects('CANCELLED', Promise.reject(ended.reason))
      assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined)
    },
  },
  {
    id: 'media.stalled',
    name: 'an upload whose content has stalled ends soon after the abort and leaves no file',
    needs: ['media'],
    promise: 'Call.signal: when it aborts, the call ends within a second; media.upload: an aborted upload leaves none',
    async run(lab) {
      const abort = new AbortController()
      const stalled = Promise.withResolvers<void>()
      const image = {
        ...lab.image(),
        sizeBytes: 8192,
        content: async function* () {
          yield new Uint8Array(4096)
          stalled.resolve()
          await new Promise(() => {})
        },
      }
      const uploading = lab.upload(image, lab.call({ signal: abort.signal }))
      uploading.catch(() => {})
      await stalled.promise
      assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined, 'a half-written file is seen')
      abort.abort()
      const ended = await lab.prompt('an aborted upload', uploading)
      assert.equal(ended.status, 'rejected')
      if (ended.status === 'rejected') await lab.rejects('CANCELLED', Promise.reject(ended.reason))
      assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined)
    },
  },
  {
    id: 'media.source-fails',
    name: 'an upload whose content fails leaves no file, and the file of before untouched',
    needs: ['media'],
    promise: 'media.upload: nobody sees a half-written file, and a failed upload leaves none',
    async run(lab) {
      const before = lab.image()
      const medium = await lab.upload(before)
      const fresh = lab.image()
      for (const name of [before.name, fresh.name]) {
        const broken = {
          name,
          sizeBytes: 8192,
          content: async function* () {
            yield new Uint8Array(4096)
            throw new Error('the source is broken')
          },
        }
        await lab.fails(lab.upload(broken))
      }
      assert.equal(await mediaOf(lab).find({ name: fresh.name }, lab.call()), undefined)
      assert.equal((await mediaOf(lab).find({ name: before.name }, lab.call()))?.sizeBytes, medium.sizeBytes)
    },
  },
  {
    id: 'media.wrong-size',
    name: 'content that is shorter or longer than it says is refused and leaves no file',
    needs: ['media'],
    promise: 'media.upload: nobody sees a half-written file, and a failed upload leaves none',
    async run(lab) {
      for (const sizeBytes of [4095, 4097]) {
        const image = { ...imageOf(lab, [new Uint8Array(4096)]), sizeBytes }
        await lab.fails(lab.upload(image))
        assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined)
      }
    },
  },
  {
    id: 'media.bad-names',
    name: 'a name that is not one plain file name is refused before the content is read',
    needs: ['media'],
    promise: 'media.upload: a name is one file name; anything else is INVALID_INPUT',
    async run(lab) {
      let read = false
      const image = {
        sizeBytes: 1,
        content: async function* () {
          read = true
          yield new Uint8Array(1)
        },
      }
      for (const name of badNames) {
        await lab.refuses('name', mediaOf(lab).upload({ ...image, name }, lab.call()))
      }
      assert.equal(read, false)
    },
  },
  {
    id: 'media.unknown-datastore',
    name: 'uploading to an unknown datastore is refused by name',
    needs: ['media'],
    promise: 'media.upload: INVALID_INPUT',
    run: async (lab) => lab.refuses('datastore', lab.upload({ ...lab.image(), datastore: lab.names.name('ds') })),
  },
  {
    id: 'media.find-unknown',
    name: 'an image that is not there is found as undefined',
    needs: ['media'],
    promise: 'media.find: `undefined` when there is none',
    async run(lab) {
      assert.equal(await mediaOf(lab).find({ name: `${lab.names.name('none')}.iso` }, lab.call()), undefined)
    },
  },
  {
    id: 'media.remove',
    name: 'a removed image is gone, and removing it again is fine',
    needs: ['media'],
    promise: 'media.remove: of an image that is gone, fine',
    async run(lab) {
      const image = lab.image()
      const neighbour = lab.image()
      const medium = await lab.upload(image)
      await lab.upload(neighbour)
      await mediaOf(lab).remove(medium.ref, lab.call())
      assert.equal(await mediaOf(lab).find({ name: image.name }, lab.call()), undefined)
      assert.ok(await mediaOf(lab).find({ name: neighbour.name }, lab.call()))
      await mediaOf(lab).remove(medium.ref, lab.call())
    },
  },
]

function mediaOf(lab: Lab): MediaOperations {
  return lab.hypervisor.media ?? assert.fail('the media facet is gone')
}

function imageOf(lab: Lab, chunks: readonly Uint8Array[]): ReturnType<Lab['image']> {
  return lab.image({
    sizeBytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    content: async function* () {
      yield* chunks
    },
  })
}
