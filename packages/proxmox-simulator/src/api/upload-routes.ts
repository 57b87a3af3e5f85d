import { denied, failed, invalidParameters } from '../api-error.ts'
import type { Volume } from '../world/storages.ts'
import { flag, oneOf, optional, text } from './parameters.ts'
import type { Call, Route } from './route.ts'
import { storageName, storageOf } from './storage-routes.ts'

const checksums = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
const checked = optional({
  checksum: { ...text(), requires: 'checksum-algorithm' },
  'checksum-algorithm': { ...oneOf(...checksums), requires: 'checksum' },
})

export const uploadRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/nodes/{node}/storage/{storage}/upload',
    parameters: {
      storage: storageName,
      content: oneOf('iso', 'vztmpl', 'import'),
      filename: text({ maxLength: 255 }),
      ...checked,
      tmpfilename: { ...text({ pattern: /\/var\/tmp\/pveupload-[0-9a-f]+/ }), optional: true },
    },
    access: { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
    answer: upload,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/storage/{storage}/download-url',
    parameters: {
      storage: storageName,
      content: oneOf('iso', 'vztmpl', 'import'),
      filename: text({ maxLength: 255 }),
      url: text({ pattern: /https?:\/\/.*/ }),
      ...checked,
      ...optional({ compression: text(), 'verify-certificates': flag }),
    },
    access: { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
    answer: download,
  },
]

const extensions = {
  iso: /\.(?:iso|img)$/i,
  vztmpl: /\.tar\.(?:gz|xz|zst)$/i,
  import: /\.(?:ova|qcow2|raw|vmdk)$/i,
} as const

/** The original rewrites a name rather than refusing it: what is not a plain character becomes `_`, byte by byte. */
function plainName(call: Call): { kind: Volume['content']; name: string } {
  const kind = call.params.text('content') as keyof typeof extensions
  const bytes = Buffer.from(call.params.text('filename').replace(/^.*[/\\]/, ''), 'utf8').toString('latin1')
  const name = bytes.replaceAll(/[^-a-zA-Z0-9_.]/g, '_')
  if (!extensions[kind].test(name)) throw invalidParameters({ filename: 'wrong file extension' })
  const storage = storageOf(call)
  if (!storage.content.includes(kind))
    throw failed(`storage '${storage.storage}' is not configured for content-type '${kind}'`)
  return { kind, name }
}

function upload(call: Call): string {
  const { params, world } = call
  const { kind, name } = plainName(call)
  const { storage, totalBytes, shared } = storageOf(call)
  const node = params.text('node')
  const temporary = params.text('tmpfilename')
  const file = call.uploads.get(temporary)
  if (!file) throw failed(`temporary file '${temporary}' does not exist`)
  return call.start(node, 'imgcopy', '', async (hand) => {
    const [algorithm, wanted] = [params.find('checksum-algorithm'), params.find('checksum')]
    hand.log(
      `starting file import from: ${temporary}`,
      `target node: ${node}`,
      `target file: ${name}`,
      `file size is: ${file.bytes}`,
    )
    if (algorithm !== undefined && wanted !== undefined) {
      hand.log('calculating checksum...')
      const got = file.checksum
      if (got !== wanted.toLowerCase()) throw failed(`checksum mismatch: got '${got}' != expect '${wanted}'`)
      hand.log('OK, checksum verified')
    }
    await hand.pause(200)
    if (world.storages.usedBytes(storage, node) + file.bytes > totalBytes)
      throw failed('import failed: No space left on device')
    const volid = `${storage}:${kind}/${name}`
    world.storages.remove(volid, node)
    const [format, size, ctime] = [name.slice(name.lastIndexOf('.') + 1).toLowerCase(), file.bytes, world.now()]
    const uploaded = file.content && { uploaded: file.content }
    const place = { storage, ...(!shared && { node }) }
    world.storages.add({ volid, ...place, content: kind, format, size, used: size, ctime, ...uploaded })
    hand.log('finished file import successfully')
  })
}

/** There is no network behind the simulator: what it downloads is empty, but has the name. */
function download(call: Call): string {
  const { params, world, may } = call
  const node = params.text('node')
  if (!may('/', ['Sys.Audit', 'Sys.Modify']) && !may(`/nodes/${node}`, ['Sys.AccessNetwork'])) throw denied()
  const { kind, name } = plainName(call)
  const { storage, shared } = storageOf(call)
  const volid = `${storage}:${kind}/${name}`
  if (world.storages.find(volid, node)) throw failed(`refusing to override existing file '${name}'`)
  return call.start(node, 'download', name, async (hand) => {
    hand.log(`downloading ${params.text('url')} to ${name}`)
    await hand.pause(500)
    const format = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
    const ctime = world.now()
    world.storages.add({
      volid,
      storage,
      content: kind,
      format,
      size: 2 ** 20,
      used: 2 ** 20,
      ctime,
      ...(!shared && { node }),
    })
    hand.log('download finished')
  })
}
