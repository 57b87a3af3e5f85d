import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findVcsimSources } from './vcsim/find-vcsim-sources.ts'
import { SoapCaller } from './vcsim/soap-caller.ts'
import { startVcsim, type Vcsim } from './vcsim/start-vcsim.ts'

const found = findVcsimSources()

describe.skipIf('missing' in found)('what can be done to calls of the simulated vCenter', () => {
  let vcsim: Vcsim
  let caller: SoapCaller
  const now = (): ReturnType<SoapCaller['call']> => caller.call('CurrentTime', 'ServiceInstance:ServiceInstance')
  const root = 'Folder:group-d1'

  beforeAll(async () => {
    vcsim = await startVcsim({ machines: 1 })
    caller = new SoapCaller(vcsim)
    await caller.logIn()
  }, 400_000)
  afterEach(() => vcsim.removeRules())
  afterAll(() => vcsim?.close())

  it('a fault of any type, with its properties, for as many calls as told and of no other method', async () => {
    const properties = { privilegeId: 'System.View', object: { type: 'Folder', value: 'group-d1' } }
    const rule = {
      methods: ['CurrentTime'],
      kind: 'fault',
      fault: 'NoPermission',
      message: 'no <way>',
      with: properties,
    } as const
    const id = await vcsim.addRule({ ...rule, skip: 1, times: 2 })
    expect(await now()).toMatchObject({ status: 200 })
    for (const _ of [1, 2]) {
      const { status, body } = await now()
      expect(status).toBe(500)
      expect(body).toContain('<faultstring>no &lt;way&gt;</faultstring>')
      expect(body).toMatch(/<NoPermissionFault xmlns="urn:vim25" xsi:type="NoPermission"><object type="Folder">group-d1</)
      expect(body).toContain('<privilegeId>System.View</privilegeId>')
      expect(await caller.find('/DC0')).toMatch(/^Datacenter:/)
    }
    expect(await now()).toMatchObject({ status: 200 })
    expect(await vcsim.rules()).toMatchObject([{ id, used: 2 }])
  })

  it('a rule that makes no sense is refused', async () => {
    const methods = ['CurrentTime']
    await expect(vcsim.addRule({ methods, kind: 'fault', fault: 'NoSuchFault' })).rejects.toThrow('no fault "NoSuchFault"')
    await expect(vcsim.addRule({ methods, kind: 'fault', fault: 'Folder' })).rejects.toThrow('Folder')
    await expect(vcsim.addRule({ methods: [], kind: 'status', status: 503 })).rejects.toThrow('methods')
    await expect(vcsim.fillDatastore('nowhere')).rejects.toThrow('no datastore "nowhere"')
    await expect(vcsim.setGuest({ machine: 'nobody', tools: 'running' })).rejects.toThrow('no machine "nobody"')
  })

  it('an HTTP status, whatever is called', async () => {
    await vcsim.addRule({ methods: ['*'], times: 1, kind: 'status', status: 503 })
    expect(await now()).toEqual({ status: 503, body: '' })
    expect(await now()).toMatchObject({ status: 200 })
  })

  it('a connection cut before the call is carried out, or after', async () => {
    const create = (name: string): Promise<unknown> => caller.call('CreateFolder', root, `<name>${name}</name>`)
    await vcsim.addRule({ methods: ['CreateFolder'], times: 1, kind: 'reset-before' })
    await expect(create('before')).rejects.toThrow(/hang up|ECONNRESET/)
    await vcsim.addRule({ methods: ['CreateFolder'], times: 1, kind: 'reset-after' })
    await expect(create('after')).rejects.toThrow(/hang up|ECONNRESET/)
    await expect(caller.find('/before')).rejects.toThrow('nothing')
    expect(await caller.find('/after')).toMatch(/^Folder:/)
    await vcsim.addRule({ methods: ['CreateVM_Task'], times: 1, kind: 'reset-after' })
    await expect(caller.call('CreateVM_Task', await caller.find('/DC0/vm'), await machine('lost'))).rejects.toThrow(
      /hang up|ECONNRESET|EPIPE/,
    )
    expect(await caller.find('/DC0/vm/lost')).toMatch(/^VirtualMachine:/)
  })

  it('a delay', async () => {
    await vcsim.addRule({ methods: ['CurrentTime'], kind: 'delay', ms: 150 })
    const startedAt = performance.now()
    expect(await now()).toMatchObject({ status: 200 })
    expect(performance.now() - startedAt).toBeGreaterThan(140)
  })

  it('a task that fails', async () => {
    const rule = {
      methods: ['CreateVM_Task'],
      kind: 'task-fault',
      fault: 'NoDiskSpace',
      with: { datastore: 'LocalDS_0' },
    } as const
    await vcsim.addRule({ ...rule, times: 1 })
    const folder = await caller.find('/DC0/vm')
    expect(await caller.task('CreateVM_Task', folder, await machine('later'))).toBe('NoDiskSpace')
    expect(await caller.task('CreateVM_Task', folder, await machine('later'))).toBe('success')
    expect(await caller.task('CreateVM_Task', folder, await machine('later'))).toBe('DuplicateName')
    expect(await caller.task('CreateVM_Task', folder, await machine('elsewhere', 'Nowhere'))).toBe('InvalidDatastorePath')
  })

  it('a datastore that is full takes no machine and no file', async () => {
    const folder = await caller.find('/DC0/vm')
    const file = '/folder/full.iso?dcPath=DC0&dsName=LocalDS_0'
    await vcsim.fillDatastore('LocalDS_0')
    expect(await caller.task('CreateVM_Task', folder, await machine('full'))).toBe('NoDiskSpace')
    expect(await caller.property(await caller.find('/DC0/datastore/LocalDS_0'), 'summary.freeSpace')).toBe('0')
    expect(await caller.send('PUT', file, 'data')).toMatchObject({ status: 507 })
    expect(await vcsim.files('LocalDS_0')).not.toContain('full.iso')
    await vcsim.fillDatastore('LocalDS_0', false)
    expect(await caller.task('CreateVM_Task', folder, await machine('full'))).toBe('success')
    expect(await caller.send('PUT', file, 'data')).toMatchObject({ status: 200 })
    expect(await vcsim.files('LocalDS_0')).toContain('full.iso')
  })

  it('privileges that are denied, by kind of object and by object', async () => {
    const ask = async (): Promise<string[]> => {
      const { body } = await caller.call(
        'HasPrivilegeOnEntities',
        'AuthorizationManager:AuthorizationManager',
        '<entity type="Folder">group-d1</entity><entity type="Datacenter">datacenter-2</entity><sessionId>s</sessionId>' +
          '<privId>Folder.Create</privId><privId>Folder.Delete</privId>',
      )
      return body.match(/(?<=<isGranted>)\w+/g) ?? []
    }
    expect(await ask()).toEqual(['true', 'true', 'true', 'true'])
    await vcsim.denyPrivileges([{ privilege: 'Folder.Create', entity: 'Folder' }, { privilege: 'Folder.Delete' }])
    expect(await ask()).toEqual(['false', 'false', 'true', 'false'])
    await vcsim.denyPrivileges([{ privilege: 'Folder.Create', entity: 'datacenter-2' }])
    expect(await ask()).toEqual(['true', 'true', 'false', 'true'])
    await vcsim.denyPrivileges([])
  })

  it('files are for who is logged in, and the last byte is as good as the first', async () => {
    const path = '/folder/isos/a%20b.iso?dcPath=DC0&dsName=LocalDS_0'
    const stranger = new SoapCaller(vcsim)
    expect(await stranger.send('PUT', path, 'data')).toMatchObject({ status: 401 })
    expect(await stranger.send('GET', path)).toMatchObject({ status: 401 })
    expect(await caller.send('PUT', path, `${'x'.repeat(3_000_000)}end`)).toMatchObject({ status: 200 })
    expect((await caller.send('GET', path)).body).toHaveLength(3_000_003)
    const ticket = await caller.value('AcquireGenericServiceTicket', 'SessionManager:SessionManager', '<spec/>')
    const cookie = `vmware_cgi_ticket=${/<id>(.*)<\/id>/.exec(ticket)![1]}`
    expect(await stranger.send('HEAD', path, '', { cookie })).toMatchObject({ status: 200 })
    expect(await stranger.send('HEAD', path, '', { cookie })).toMatchObject({ status: 401 })
    const files = 'FileManager:FileManager'
    const datacenter = (await caller.find('/DC0')).split(':')[1]
    const move =
      `<sourceName>[LocalDS_0] isos/a b.iso</sourceName><sourceDatacenter type="Datacenter">${datacenter}</sourceDatacenter>` +
      '<destinationName>[LocalDS_0] isos/c.iso</destinationName>' +
      `<destinationDatacenter type="Datacenter">${datacenter}</destinationDatacenter>`
    expect(await caller.task('MoveDatastoreFile_Task', files, move)).toBe('success')
    expect(await vcsim.files('LocalDS_0')).toContain('isos/c.iso')
    const gone = `<name>[LocalDS_0] isos/c.iso</name><datacenter type="Datacenter">${datacenter}</datacenter>`
    expect(await caller.task('DeleteDatastoreFile_Task', files, gone)).toBe('success')
    expect(await caller.task('DeleteDatastoreFile_Task', files, gone)).toBe('FileNotFound')
    await vcsim.addRule({ methods: ['PUT /folder'], times: 1, kind: 'reset-before' })
    await expect(caller.send('PUT', path, 'data')).rejects.toThrow(/hang up|ECONNRESET|EPIPE/)
    expect((await vcsim.counts())['PUT /folder']).toBeGreaterThan(2)
  })

  async function machine(name: string, store = 'LocalDS_0'): Promise<string> {
    const [, pool] = (await caller.find('/DC0/host/DC0_C0/Resources')).split(':')
    return (
      `<config><name>${name}</name><guestId>otherGuest64</guestId><files><vmPathName>[${store}]</vmPathName></files>` +
      `<numCPUs>1</numCPUs><memoryMB>64</memoryMB></config><pool type="ResourcePool">${pool}</pool>`
    )
  }
})
