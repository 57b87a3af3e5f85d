import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildVcsim } from './vcsim/build-vcsim.ts'
import { findVcsimSources } from './vcsim/find-vcsim-sources.ts'
import { readMachines } from './vcsim/read-machine.ts'
import { SoapCaller } from './vcsim/soap-caller.ts'
import { startVcsim, type Vcsim } from './vcsim/start-vcsim.ts'

const found = findVcsimSources()
const building = 400_000 // the first start on a machine compiles

describe('the simulated vCenter', () => {
  if ('missing' in found) {
    // oxlint-disable-next-line vitest/expect-expect -- it says why there are no others
    it('is started', (test) => test.skip(found.missing))
    return
  }
  let vcsim: Vcsim
  beforeAll(async () => {
    vcsim = await startVcsim({ machines: 5, pageLimit: 4 })
  }, building)
  afterAll(() => vcsim?.close())

  it('ends with whoever started it, however that one ends', async () => {
    const program = `import { startVcsim } from '${new URL('vcsim/start-vcsim.ts', import.meta.url).href}'
      console.log(String((await startVcsim()).pid))`
    const starter = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], { stdio: 'pipe' })
    const [pid] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string]
    expect(process.kill(Number(pid), 0)).toBe(true)
    starter.kill('SIGKILL')
    await expect.poll(() => isAlive(Number(pid)), { timeout: 5000 }).toBe(false)
  })

  it('answers in pages, as asked and as the server limits them, each token once', async () => {
    const caller = new SoapCaller(vcsim)
    await caller.logIn()
    const collector = 'PropertyCollector:propertyCollector'
    const view = await caller.value('CreateContainerView', 'ViewManager:ViewManager', everyMachine)
    const list = (most: string): Promise<string> =>
      caller.value('RetrievePropertiesEx', collector, `${namesIn(view)}<options>${most}</options>`)
    const first = await list('<maxObjects>2</maxObjects>')
    expect(namesOf(first)).toHaveLength(2)
    const token = /<token>(.*)<\/token>/.exec(first)![0]
    const second = await caller.value('ContinueRetrievePropertiesEx', collector, token)
    const third = await caller.value('ContinueRetrievePropertiesEx', collector, /<token>.*<\/token>/.exec(second)![0])
    expect(third).not.toContain('<token>')
    expect(new Set([first, second, third].flatMap(namesOf)).size).toBe(5)
    expect(await caller.call('ContinueRetrievePropertiesEx', collector, token)).toMatchObject({
      status: 500,
      body: expect.stringMatching(/xsi:type="InvalidArgument".*<invalidProperty>token</) as string,
    })
    expect(namesOf(await list(''))).toHaveLength(4)
    expect(namesOf(await list('<maxObjects>9</maxObjects>'))).toHaveLength(4)
  })

  it('counts sessions and ends them', async () => {
    const [one, two] = [new SoapCaller(vcsim), new SoapCaller(vcsim)]
    const before = await vcsim.sessions()
    await one.logIn()
    await two.logIn()
    expect(await vcsim.sessions()).toBe(before + 2)
    await two.call('Logout', 'SessionManager:SessionManager')
    expect(await vcsim.sessions()).toBe(before + 1)
    expect(await vcsim.expireSessions()).toBe(before + 1)
    expect(await vcsim.sessions()).toBe(0)
    expect(await one.call('CurrentTime', 'ServiceInstance:ServiceInstance')).toMatchObject({
      status: 500,
      body: expect.stringContaining('NotAuthenticatedFault') as string,
    })
  })

  it('takes no other password', async () => {
    const caller = new SoapCaller({ ...vcsim, password: 'wrong' })
    await expect(caller.logIn()).rejects.toThrow('InvalidLogin')
  })

  it('is listed by govmomi, page by page, which says what that cost', async () => {
    const { listMachines } = await buildVcsim()
    const address = new URL(vcsim.url)
    Object.assign(address, { username: vcsim.user, password: vcsim.password })
    const { stdout } = await promisify(execFile)(listMachines, [address.href, '2'])
    expect(JSON.parse(stdout)).toEqual({
      machines: 5,
      devices: 5 * 13,
      cpuMs: expect.any(Number) as number,
      wallMs: expect.any(Number) as number,
      peakRssMiB: expect.any(Number) as number,
    })
  })

  it('is read by pyvmomi, whose requests the schema admits', async () => {
    const machines = await readMachines(vcsim)
    expect(machines.map(({ name }) => name).toSorted()).toEqual([0, 1, 2, 3, 4].map((number) => `DC0_C0_RP0_VM${number}`))
    expect(machines[0]).toMatchObject({
      power: 'poweredOn',
      cpus: 1,
      datastores: ['LocalDS_0'],
      networks: ['DC0_DVPG0'],
      disks: [{ capacityKiB: 1024 }],
      nics: [{ mac: expect.stringMatching(/^00:0c:29:/) as string, network: 'DC0_DVPG0' }],
    })
    expect(await vcsim.validateRequests()).toBe((await vcsim.requests()).length)
  })
})

describe('requests to the simulated vCenter', () => {
  it.skipIf('missing' in found)('are held against the schema, and none is no proof', async () => {
    await using vcsim = await startVcsim()
    await expect(vcsim.validateRequests()).rejects.toThrow('no request was recorded')
    const caller = new SoapCaller(vcsim)
    await caller.logIn()
    for (const [method, inner] of [
      ['FindByIp', '<vmSearch>true</vmSearch><ip>127.0.0.1</ip>'], // out of order
      ['FindByUuid', '<uuid>u</uuid><vmSearch>perhaps</vmSearch>'],
      ['FindChild', '<entity type="Folder">group-d1</entity><name>a</name><more/>'],
      ['FindByMagic', ''],
    ] as const)
      await caller.call(method, 'SearchIndex:SearchIndex', inner)
    const complaint = await vcsim.validateRequests().catch((error: Error) => error.message)
    expect(complaint).toMatch(/^4 of 5 requests are invalid:/)
    for (const words of [/FindByIp.xml.*vmSearch/, /perhaps/, /FindChild.xml.*more/, /FindByMagic/])
      expect(complaint).toMatch(words)
  })
})

describe('the simulated ESXi', () => {
  it.skipIf('missing' in found)('is one host, with pages and sessions', async () => {
    await using vcsim = await startVcsim({ model: 'esxi', machines: 2, pageLimit: 1 })
    const caller = new SoapCaller(vcsim)
    expect(await caller.value('RetrieveServiceContent', 'ServiceInstance:ServiceInstance')).toContain('HostAgent')
    await caller.logIn('ha-sessionmgr')
    const view = await caller.value(
      'CreateContainerView',
      'ViewManager:ViewManager',
      everyMachine.replace('group-d1', 'ha-folder-root'),
    )
    const collector = 'PropertyCollector:ha-property-collector'
    const first = await caller.value('RetrievePropertiesEx', collector, `${namesIn(view)}<options/>`)
    expect(namesOf(first)).toHaveLength(1)
    const second = await caller.value('ContinueRetrievePropertiesEx', collector, /<token>.*<\/token>/.exec(first)![0])
    expect(namesOf(second)).toHaveLength(1)
    expect(await vcsim.sessions()).toBe(1)
    expect((await readMachines(vcsim, ['ha-host_VM1'])).map(({ networks }) => networks)).toEqual([['VM Network']])
  })
})

const everyMachine = '<container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>'
const namesIn = (view: string): string =>
  '<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet><objectSet>' +
  `<obj type="ContainerView">${view}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec">` +
  '<type>ContainerView</type><path>view</path></selectSet></objectSet></specSet>'
const namesOf = (answer: string): string[] => answer.match(/(?<=<val [^>]*>)[\w-]+(?=<\/val>)/g) ?? []

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
