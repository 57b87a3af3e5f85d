import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { inspect } from 'node:util'
import { fileURLToPath } from 'node:url'
import { type Hypervisor, type MediumInfo, Secret, type VirtkitError, isVirtkitError } from '@virtkit/spi'
import { type Rule, type Vcsim, startVcsim } from '@virtkit/test-vcsim'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type VimTransportKind, createVmware, native, nodeVsphereSoap } from '../src/index.ts'
import { isPeerMissing } from './describe-vcsim.ts'
import { call, openVmware, spec } from './open-vmware.ts'

describe.skipIf(isPeerMissing).each([native(), nodeVsphereSoap()])(
  'a bad day over $name',
  (transport: VimTransportKind) => {
    let vcsim: Vcsim
    let hypervisor: Hypervisor

    beforeAll(async () => {
      vcsim = await startVcsim()
      hypervisor = await openVmware(vcsim, transport)
    }, 300_000)
    afterEach(() => vcsim.removeRules())
    afterAll(async () => {
      await hypervisor[Symbol.asyncDispose]()
      await vcsim.close()
    })

    const key = (name: string): { signal: AbortSignal; key: string } => ({
      ...call(),
      key: `test:${transport.name}-${name}`,
    })
    const uploaded = async (name: string, by = hypervisor): Promise<MediumInfo> => {
      const content = async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(1000)
      }
      return by.media!.upload({ name, sizeBytes: 1000, content }, call())
    }
    const broken = async (rule: Rule, name: string): Promise<VirtkitError> => {
      await vcsim.addRule(rule)
      return failure(hypervisor.machines.create(spec(name), key(name)))
    }
    const names = async (): Promise<string[]> => {
      const all: string[] = []
      for await (const page of hypervisor.inventory.machines({ pageSize: 100 }, call()))
        all.push(...page.map((each) => each.name))
      return all
    }

    it('a certificate that nobody vouches for is refused, with the way out; insecure trusts it, for this client only', async () => {
      const { url, user: username } = vcsim
      const driver = createVmware({ transport })
      const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      const options = { url, username, password: new Secret(vcsim.password) }
      const error = await failure(driver.connect(options, call()))
      expect(error).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE', outcome: 'did-not-happen' })
      expect(error.hint).toContain('insecure')
      await (await driver.connect({ ...options, insecure: true }, call()))[Symbol.asyncDispose]()
      expect(process.env['NODE_TLS_REJECT_UNAUTHORIZED']).toBe(before)
      await expect(driver.connect(options, call())).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' })
    })

    it('a wrong password is told so, and stands in no error', async () => {
      const { url, user: username, caCertificate: ca } = vcsim
      const options = { url, username, password: new Secret('wrong-wrong-wrong'), ca }
      const error = await failure(createVmware({ transport }).connect(options, call()))
      expect(error.code).toBe('UNAUTHENTICATED')
      expect(inspect(error, { depth: 20 })).not.toContain('wrong-wrong-wrong')
    })

    it('sessions that the server forgets are renewed by one login for all', async () => {
      const made = await hypervisor.machines.create(spec('renewed'), key('renewed'))
      const { Login: before = 0 } = await vcsim.counts()
      await vcsim.expireSessions()
      const found = await Promise.all(Array.from({ length: 20 }, () => hypervisor.machines.find(made.ref, call())))
      expect(new Set(found.map((each) => each?.name))).toEqual(new Set(['renewed']))
      const { Login: after = 0 } = await vcsim.counts()
      expect(after - before).toBe(1)
    })

    it('a session that is forgotten in the middle of a task does not lose the task', async () => {
      await vcsim.addRule({ methods: ['CreateVM_Task'], kind: 'slow-task', ms: 1000 })
      const making = hypervisor.machines.create(spec('midway'), key('midway'))
      await expect.poll(() => vcsim.runningTasks(), { interval: 20, timeout: 10_000 }).toBe(1)
      await vcsim.expireSessions()
      expect((await making).name).toBe('midway')
    })

    it('a create whose connection is cut before it is carried out leaves nothing', async () => {
      const error = await broken({ methods: ['CreateVM_Task'], kind: 'reset-before', times: 1 }, 'cut-before')
      expect(error).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE', outcome: 'unknown' })
      expect(await names()).not.toContain('cut-before')
    })

    it('a create whose answer is lost is found by its mark, and answered', async () => {
      await vcsim.addRule({ methods: ['CreateVM_Task'], kind: 'reset-after', times: 1 })
      const made = await hypervisor.machines.create(spec('cut-after'), key('cut-after'))
      expect(made.key).toBe(key('cut-after').key)
      expect((await names()).filter((name) => name === 'cut-after')).toHaveLength(1)
    })

    it('a server that is not available says so, and nothing is made', async () => {
      const error = await broken({ methods: ['CreateVM_Task'], kind: 'status', status: 503 }, 'closed-shop')
      expect(error.code).toBe('HYPERVISOR_UNAVAILABLE')
      await vcsim.removeRules()
      expect(await names()).not.toContain('closed-shop')
    })

    it('a name that its folder has already is made unique there, and shown as it was asked for', async () => {
      await vcsim.addRule({ methods: ['CreateVM_Task'], kind: 'task-fault', fault: 'DuplicateName', times: 1 })
      const made = await hypervisor.machines.create(spec('twin'), key('twin'))
      expect(made.name).toBe('twin')
      const sent = (await vcsim.requests()).findLast(({ method }) => method === 'CreateVM_Task')
      expect(sent?.body).toMatch(/<name>twin \([0-9a-f]{8}\)<\/name>/)
    })

    it('a name that cannot be made unique is a conflict', async () => {
      const error = await broken({ methods: ['CreateVM_Task'], kind: 'task-fault', fault: 'DuplicateName' }, 'taken')
      expect(error).toMatchObject({ code: 'CONFLICT', details: { field: 'name' }, outcome: 'did-not-happen' })
    })

    it.each([
      ['NoDiskSpace', 'DATASTORE_FULL'],
      ['NoPermission', 'FORBIDDEN'],
      ['TaskInProgress', 'HYPERVISOR_BUSY'],
      ['InsufficientMemoryResourcesFault', 'HOST_RESOURCES'],
      ['InvalidVmConfig', 'HYPERVISOR_REFUSED'],
    ])('a server that answers %s is told as %s', async (fault, code) => {
      const error = await broken({ methods: ['CreateVM_Task'], kind: 'task-fault', fault }, `fault-${fault}`)
      expect(error).toMatchObject({ code, outcome: 'did-not-happen' })
    })

    it('what the user lacks is named by the pre-flight, with the place', async () => {
      await vcsim.denyPrivileges([{ privilege: 'Datastore.AllocateSpace', entity: 'Datastore' }])
      const missing = await hypervisor.privileges?.missing(call())
      await vcsim.denyPrivileges([])
      const lack = { operation: 'machines.create', privilege: 'Datastore.AllocateSpace', path: '/DC0/datastore/LocalDS_0' }
      expect(missing).toContainEqual(lack)
      expect(await hypervisor.privileges?.missing(call())).toEqual([])
    })

    it('an upload to a full datastore is refused, and leaves no file', async () => {
      await vcsim.fillDatastore('LocalDS_0')
      expect(await failure(uploaded('full.iso'))).toMatchObject({
        code: 'DATASTORE_FULL',
        outcome: 'did-not-happen',
      })
      await vcsim.fillDatastore('LocalDS_0', false)
      expect((await vcsim.files('LocalDS_0')).filter((file) => /iso|part/.test(file))).toEqual([])
    })

    it('a part that a killed upload left goes with the next upload, and one that is written to stays', async () => {
      await using first = await openVmware(vcsim, transport)
      const folder = (await uploaded('whole.iso', first)).ref.replace(/^[^\]]*\] /, '').replace(/\/whole\.iso$/, '')
      await vcsim.leaveFile('LocalDS_0', `${folder}/.virtkit-dead.part`, 7_200_000)
      await vcsim.leaveFile('LocalDS_0', `${folder}/.virtkit-alive.part`, 30_000)
      await vcsim.leaveFile('LocalDS_0', `${folder}/theirs.part`, 7_200_000)
      await using next = await openVmware(vcsim, transport)
      await uploaded('next.iso', next)
      const left = ['.virtkit-alive.part', 'next.iso', 'theirs.part', 'whole.iso'].map((name) => `${folder}/${name}`)
      expect((await vcsim.files('LocalDS_0')).filter((file) => /iso|part/.test(file))).toEqual(left)
    })

    it('500 calls side by side use one session', async () => {
      const made = await hypervisor.machines.create(spec('busy'), key('busy'))
      let most = 0
      const watching = setInterval(() => void vcsim.sessions().then((count) => (most = Math.max(most, count))), 20)
      const reads = Array.from({ length: 500 }, (_, i) =>
        i % 10 === 0
          ? hypervisor.power.on({ ref: made.ref, key: key('busy').key }, call())
          : hypervisor.machines.find(made.ref, call()),
      )
      const ended = await Promise.allSettled(reads)
      clearInterval(watching)
      expect(ended.filter((each) => each.status === 'rejected')).toEqual([])
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(2)
    })

    it('after closing the server counts one session less', async () => {
      const before = await vcsim.sessions()
      const other = await openVmware(vcsim, transport)
      expect(await vcsim.sessions()).toBe(before + 1)
      await other[Symbol.asyncDispose]()
      expect(await vcsim.sessions()).toBe(before)
    })
  },
)

describe.skipIf(isPeerMissing)('a process that is killed', () => {
  it('between the call and its answer leaves one machine, which the next attempt answers', async () => {
    await using vcsim = await startVcsim()
    await vcsim.addRule({ methods: ['CreateVM_Task'], kind: 'slow-task', ms: 1500, times: 1 })
    const program = fileURLToPath(new URL('create-and-die.ts', import.meta.url))
    const { url, user, password, caCertificate } = vcsim
    const child = spawn(process.execPath, ['--conditions=@virtkit/source', program], {
      env: { ...process.env, VCSIM: JSON.stringify({ url, user, password, caCertificate }) },
      stdio: 'inherit',
    })
    await expect.poll(() => vcsim.runningTasks(), { interval: 20, timeout: 60_000 }).toBe(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using hypervisor = await openVmware(vcsim)
    const made = await hypervisor.machines.create(spec('survivor'), { ...call(), key: 'test:survivor' })
    await expect.poll(() => vcsim.runningTasks(), { interval: 50, timeout: 10_000 }).toBe(0)
    const all: string[] = []
    for await (const page of hypervisor.inventory.machines({ pageSize: 100 }, call()))
      all.push(...page.map((each) => each.ref))
    expect(all).toEqual([made.ref])
  }, 120_000)
})

async function failure(promise: Promise<unknown>): Promise<VirtkitError> {
  const [result] = await Promise.allSettled([promise])
  if (result.status === 'fulfilled' || !isVirtkitError(result.reason)) throw new Error('expected a VirtkitError')
  return result.reason
}
