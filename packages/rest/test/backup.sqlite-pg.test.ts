import { eachDatabase } from '@virtkit/test-databases'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { type Answer, type RestLab, admin, basic, openRestLab } from './rest-lab.ts'

/** As `curl -F 'backup=@file'` sends it. */
async function upload(lab: RestLab, form: FormData | string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = new Request('http://lab/rest/v1/backup', {
    method: 'POST',
    headers: { authorization: basic(admin), ...headers },
    body: form,
  })
  const response = await lab.rest.fetch(request)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

function formWith(bytes: Uint8Array<ArrayBuffer>, field = 'backup'): FormData {
  const form = new FormData()
  form.append(field, new Blob([bytes]), 'virtkit.backup')
  return form
}

async function download(lab: RestLab, headers: Record<string, string> = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { status, body } = await lab.call('GET', '/backup', undefined, headers)
  expect(status).toBe(200)
  return new Uint8Array(await (body as Response).arrayBuffer())
}

eachDatabase((db) => {
  it('a backup is downloaded, and restored by uploading it, and leaves nothing on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-rest-backup-'))
    vi.stubEnv('TMPDIR', folder)
    await using lab = await openRestLab(await db.options())
    await lab.kit.groups.add({ name: 'team' })
    const { headers, body } = await lab.call('GET', '/backup')
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="virtkit-\d{8}T\d{9}Z\.backup"$/)
    const bytes = new Uint8Array(await (body as Response).arrayBuffer())
    expect(headers.get('content-length')).toBe(String(bytes.length))
    await lab.kit.groups.add({ name: 'made since' })
    const restored = await upload(lab, formWith(bytes))
    expect(restored.body).toEqual({ msg: expect.stringMatching(/^backup of 20\d\d-.*Z restored, \d+ rows$/) })
    expect((await lab.kit.groups.list()).map(({ name }) => name)).toEqual(['team'])

    const passphrase = { 'x-backup-passphrase': encodeURIComponent('zwölf Zeichen lang') }
    const locked = await download(lab, passphrase)
    expect(await upload(lab, formWith(locked))).toMatchObject({
      status: 400,
      body: { errors: [expect.stringMatching(/^passphrase: is missing/)] },
    })
    expect((await upload(lab, formWith(locked), passphrase)).status).toBe(200)

    // A download that nobody reads leaves nothing behind.
    const { body: unread } = await lab.call('GET', '/backup')
    await (unread as Response).body?.cancel()
    await expect.poll(() => readdir(folder)).toEqual([])
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })
})

it('what is no backup, too long, cut off or something else is refused by name, and changes nothing', async () => {
  await using lab = await openRestLab({ sqlite: ':memory:' }, { rest: { maxUploadBytes: 100_000 } })
  await lab.kit.groups.add({ name: 'team' })
  const bytes = await download(lab)
  const errors = async (answer: Promise<Answer>): Promise<unknown> => {
    const { status, body } = await answer
    return [status, ...body.errors]
  }
  const extra = formWith(bytes)
  extra.append('color', 'red')
  expect(await errors(upload(lab, extra))).toEqual([400, 'unknown parameter: color'])
  expect(await errors(upload(lab, formWith(bytes, 'file')))).toEqual([400, 'unknown parameter: file'])
  expect(await errors(upload(lab, new FormData()))).toEqual([
    400,
    expect.stringMatching(/missing parameter: backup|multipart/),
  ])
  expect(await errors(upload(lab, formWith(new Uint8Array(100_001))))).toEqual([413, 'backup: is longer than 100000 bytes'])
  expect(await errors(upload(lab, formWith(bytes.slice(0, -9))))).toEqual([
    400,
    expect.stringMatching(/^backup: is no whole backup/),
  ])
  const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
  const head = '--x\r\ncontent-disposition: form-data; name="backup"; filename="a"\r\n\r\n'
  expect(await errors(upload(lab, `${head}cut`, multipart))).toEqual([400, 'body: is no whole multipart body'])
  expect(await errors(upload(lab, 'x', { 'content-type': 'multipart/form-data' }))).toEqual([
    415,
    expect.stringMatching(/multipart\/form-data is not read here/),
  ])
  expect(await errors(upload(lab, '{}', { 'content-type': 'application/json' }))).toEqual([
    415,
    expect.stringMatching(/curl -F/),
  ])
  expect((await lab.kit.groups.list()).map(({ name }) => name)).toEqual(['team'])
  expect((await lab.as(undefined)('GET', '/backup')).status).toBe(401)
  await lab.kit.users.add({ name: 'op', password: 'correct horse battery', permissionGroups: ['operator'] })
  const operator = lab.as({ name: 'op', password: 'correct horse battery' })
  expect((await operator('GET', '/backup')).status).toBe(403)
  expect((await operator('POST', '/backup', {})).status).toBe(403)
  expect((await operator('POST', '/logs', {})).status).toBe(403)
})
