import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/*
 * Not part of the driver: this plays the hypervisor. Acme Cloud has instances with tags, volumes in storage pools, and
 * checkpoints. It answers with a delay, can lose an answer, and knows nothing of Virtkit.
 */

export interface AcmeInstance extends AcmeHardware {
  id: string
  tags: Record<string, string>
  running: boolean
  /** The addresses that Acme has handed out to the running guest. */
  leases: string[]
  efi: boolean
  volumes: { pool: string; mb: number; sparse: boolean; content: string }[]
  node: string
  head?: string
  checkpoints: AcmeCheckpoint[]
}

export interface AcmeCheckpoint {
  id: string
  title: string
  text: string
  parent?: string
  takenAt: number
  kept: Pick<AcmeInstance, 'vcpus' | 'ramMb' | 'volumes' | 'ports'>
}

/** 401 bad token, 404 gone, 409 tag in use, 412 precondition failed, 422 bad request, 507 full, 0 connection lost. */
export class AcmeError extends Error {
  readonly status: number
  /** What is full, for 507. */
  readonly pool: string | undefined
  readonly node: string | undefined
  readonly freeMb: number
  readonly askedMb: number
  /** Every field that is wrong, for 422. */
  readonly wrong: readonly { path: string; text: string }[]

  constructor(
    status: number,
    text: string,
    more: { pool?: string; node?: string; freeMb?: number; askedMb?: number; wrong?: AcmeError['wrong'] } = {},
  ) {
    super(text)
    this.status = status
    this.pool = more.pool
    this.node = more.node
    this.freeMb = more.freeMb ?? 0
    this.askedMb = more.askedMb ?? 0
    this.wrong = more.wrong ?? []
  }
}

export interface AcmeHardware {
  label: string
  vcpus: number
  ramMb: number
  ports: { lan: string; hwaddr: string }[]
}

export interface AcmeOrder extends AcmeHardware {
  tags: Record<string, string>
  efi: boolean
  node?: string
  /** For volumes that name none. */
  pool?: string
  volumes: { mb: number; sparse: boolean; pool?: string }[]
}

export interface AcmePatch extends Partial<AcmeHardware> {
  tags?: Record<string, string>
  /** New sizes of volumes, by position. */
  grow?: readonly (number | undefined)[]
}

type Ask = { signal: AbortSignal; onlyIf?: { tag: string; is: string } }
type Fault = 'lose the answer' | 'never answer'

export class AcmeCloud {
  readonly #token: string
  readonly #sessions = new Set<symbol>()
  readonly latencyMs: number
  readonly nodes: readonly { name: string; ramMb: number }[] = ['node-1', 'node-2'].map((name) => ({ name, ramMb: 65_536 }))
  readonly pools: readonly { name: string; mb: number }[] = ['ssd', 'hdd'].map((name) => ({ name, mb: 524_288 }))
  readonly lans: readonly string[] = ['office', 'lab']
  readonly instances: Map<string, AcmeInstance> = new Map()
  #count = 0
  readonly #faults = new Map<string, { fault: Fault; reached: () => void }>()

  constructor(token: string, latencyMs = 0) {
    this.#token = token
    this.latencyMs = latencyMs
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** The next `operation` goes wrong; the promise resolves when it has reached the cloud. */
  breakNext(operation: string, fault: Fault): Promise<void> {
    return new Promise((reached) => this.#faults.set(operation, { fault, reached }))
  }

  /** Answers how to log out. */
  logIn(token: string, signal: AbortSignal): Promise<() => void> {
    const session = Symbol('session')
    return this.#answer('logIn', { signal }, () => {
      if (token !== this.#token) throw new AcmeError(401, 'the token is wrong')
      this.#sessions.add(session)
    }).then(() => () => void this.#sessions.delete(session))
  }

  usage(ask: Ask): Promise<{
    pools: { name: string; mb: number; freeMb: number }[]
    nodes: { name: string; ramMb: number; freeMb: number }[]
  }> {
    return this.#answer('usage', ask, () => ({
      pools: this.pools.map((pool) => ({ ...pool, freeMb: this.#poolFreeMb(pool.name) })),
      nodes: this.nodes.map((node) => ({ ...node, freeMb: this.#nodeFreeMb(node.name) })),
    }))
  }

  /** In the order of ids, after the id given. */
  list(after: string, limit: number, ask: Ask): Promise<AcmeInstance[]> {
    const next = (): AcmeInstance[] =>
      [...this.instances.values()].filter((instance) => instance.id > after).slice(0, limit)
    return this.#answer('list', ask, next)
  }

  get(id: string, ask: Ask): Promise<AcmeInstance> {
    return this.#answer('get', ask, () => this.#find(id, ask))
  }

  byTag(tag: string, is: string, ask: Ask): Promise<AcmeInstance | undefined> {
    return this.#answer('byTag', ask, () => this.#tagged(tag, is))
  }

  /** A tag named in `unique` may be carried by one instance only: 409 otherwise. */
  create(order: AcmeOrder, unique: string, ask: Ask): Promise<AcmeInstance> {
    return this.#answer('create', ask, () => {
      if (this.#tagged(unique, order.tags[unique] ?? '')) throw new AcmeError(409, 'the tag is in use')
      this.#checkOrder(order)
      const { pool = 'ssd', node = 'node-1', volumes, ...rest } = structuredClone(order)
      const placed = volumes.map((volume) => ({ ...volume, pool: volume.pool ?? pool, content: '' }))
      this.#checkPools(placed)
      this.#count += 1
      const id = `i-${String(this.#count).padStart(8, '0')}`
      const instance = { ...rest, id, node, volumes: placed, running: false, leases: [], checkpoints: [] }
      this.instances.set(id, instance)
      return instance
    })
  }

  /** All of the patch or nothing of it; what is left undefined stays. */
  patch(id: string, { grow = [], ...change }: AcmePatch, ask: Ask): Promise<AcmeInstance> {
    return this.#answer('patch', ask, () => {
      const instance = this.#find(id, ask)
      const volumes = instance.volumes.map((volume, i) => ({ ...volume, mb: grow[i] ?? volume.mb }))
      this.#refuse([
        ...this.#wrongHardware(change),
        ...instance.volumes.flatMap(({ mb }, i) =>
          wrong(`grow[${i}]`, (grow[i] ?? mb) < mb, `the volume has ${mb} MB already`),
        ),
        ...wrong(`grow[${volumes.length}]`, grow.length > volumes.length, 'there is no such volume'),
      ])
      this.#checkPools(volumes, instance.volumes)
      return Object.assign(instance, structuredClone(defined(change)), { volumes })
    })
  }

  remove(id: string, ask: Ask): Promise<void> {
    return this.#answer('remove', ask, () => void this.instances.delete(this.#find(id, ask).id))
  }

  power(id: string, running: boolean, ask: Ask): Promise<void> {
    return this.#answer('power', ask, () => {
      const instance = this.#find(id, ask)
      const freeMb = this.#nodeFreeMb(instance.node)
      if (running && !instance.running && instance.ramMb > freeMb) {
        throw new AcmeError(507, 'the node is full', { node: instance.node, freeMb, askedMb: instance.ramMb })
      }
      this.#run(instance, running)
    })
  }

  checkpoint(id: string, title: string, text: string, ask: Ask): Promise<string> {
    return this.#answer('checkpoint', ask, () => {
      const instance = this.#find(id, ask)
      this.#count += 1
      const { vcpus, ramMb, volumes, ports, head } = instance
      const kept = structuredClone({ vcpus, ramMb, volumes, ports })
      instance.head = `c-${this.#count}`
      instance.checkpoints.push({
        id: instance.head,
        title,
        text,
        takenAt: Date.now(),
        kept,
        ...(head && { parent: head }),
      })
      return instance.head
    })
  }

  describe(id: string, checkpoint: string, words: { title?: string; text?: string }, ask: Ask): Promise<void> {
    return this.#answer(
      'describe',
      ask,
      () => void Object.assign(this.#checkpoint(this.#find(id, ask), checkpoint), defined(words)),
    )
  }

  /** The instance is stopped by it. */
  goBack(id: string, checkpoint: string, ask: Ask): Promise<void> {
    return this.#answer('goBack', ask, () => {
      const instance = this.#find(id, ask)
      Object.assign(instance, structuredClone(this.#checkpoint(instance, checkpoint).kept), {
        head: checkpoint,
        running: false,
      })
    })
  }

  forget(id: string, checkpoint: string, branch: boolean, ask: Ask): Promise<void> {
    return this.#answer('forget', ask, () => {
      const instance = this.#find(id, ask)
      const { parent } = this.#checkpoint(instance, checkpoint)
      const gone = new Set([checkpoint])
      for (const each of instance.checkpoints) if (branch && each.parent && gone.has(each.parent)) gone.add(each.id)
      instance.checkpoints = instance.checkpoints.filter((each) => !gone.has(each.id))
      for (const each of instance.checkpoints) if (each.parent === checkpoint) setOrDelete(each, 'parent', parent)
      if (instance.head && gone.has(instance.head)) setOrDelete(instance, 'head', parent)
    })
  }

  async #answer<T>(operation: string, ask: Ask, work: () => T): Promise<T> {
    await this.#travel(ask)
    const broken = this.#faults.get(operation)
    this.#faults.delete(operation)
    broken?.reached()
    if (broken?.fault === 'never answer') await sleep(2 ** 30, undefined, { signal: ask.signal })
    const answer = structuredClone(work())
    if (broken) throw new AcmeError(0, 'the connection is lost')
    await this.#travel(ask)
    return answer
  }

  async #travel({ signal }: Ask): Promise<void> {
    await (this.latencyMs > 0 ? sleep(this.latencyMs, undefined, { signal }) : nextTurn(undefined, { signal }))
  }

  #find(id: string, ask: Ask): AcmeInstance {
    const instance = this.instances.get(id)
    if (!instance) throw new AcmeError(404, 'there is no such instance')
    if (ask.onlyIf && instance.tags[ask.onlyIf.tag] !== ask.onlyIf.is) throw new AcmeError(412, 'the tag is another')
    return instance
  }

  #run(instance: AcmeInstance, running: boolean): void {
    const last = (Number(instance.id.slice(2)) % 254) + 1
    instance.running = running
    instance.leases = running ? instance.ports.map((_, i) => `198.18.${i}.${last}`) : []
  }

  #checkpoint(instance: AcmeInstance, id: string): AcmeCheckpoint {
    const found = instance.checkpoints.find((each) => each.id === id)
    if (!found) throw new AcmeError(404, 'there is no such checkpoint')
    return found
  }

  #tagged(tag: string, is: string): AcmeInstance | undefined {
    return [...this.instances.values()].find((instance) => instance.tags[tag] === is)
  }

  #checkOrder(order: AcmeOrder): void {
    const pools = this.pools.map((pool) => pool.name)
    const nodes = this.nodes.map((node) => node.name)
    this.#refuse([
      ...this.#wrongHardware(order),
      ...unknown('pool', order.pool, pools),
      ...unknown('node', order.node, nodes),
      ...order.volumes.flatMap((volume, i) => [
        ...wrong(`volumes[${i}].mb`, volume.mb < 1, 'a volume has at least 1 MB'),
        ...unknown(`volumes[${i}].pool`, volume.pool, pools),
      ]),
    ])
  }

  #wrongHardware({ label = 'x', vcpus = 1, ramMb = 1, ports = [] }: Partial<AcmeHardware>): AcmeError['wrong'] {
    return [
      ...wrong('label', label.length < 1 || label.length > 80, 'a label has 1 to 80 characters'),
      ...wrong('vcpus', vcpus < 1, 'an instance has at least one'),
      ...wrong('ramMb', ramMb < 1, 'an instance has at least 1 MB'),
      ...ports.flatMap(({ lan, hwaddr }, i) => [
        ...unknown(`ports[${i}].lan`, lan, this.lans),
        ...wrong(`ports[${i}].hwaddr`, !/^([0-9a-f]{2}(:|$)){6}$/.test(hwaddr), 'not a hardware address'),
      ]),
    ]
  }

  #refuse(problems: AcmeError['wrong']): void {
    if (problems.length > 0) throw new AcmeError(422, 'the request is wrong', { wrong: problems })
  }

  #checkPools(wanted: AcmeInstance['volumes'], had: AcmeInstance['volumes'] = []): void {
    for (const { name } of this.pools) {
      const askedMb = takenMb(wanted, name)
      const freeMb = this.#poolFreeMb(name) + takenMb(had, name)
      if (askedMb > freeMb) throw new AcmeError(507, 'the pool is full', { pool: name, freeMb, askedMb })
    }
  }

  #poolFreeMb(name: string): number {
    const size = this.pools.find((pool) => pool.name === name)?.mb ?? 0
    return [...this.instances.values()].reduce((free, instance) => free - takenMb(instance.volumes, name), size)
  }

  #nodeFreeMb(name: string): number {
    const size = this.nodes.find((node) => node.name === name)?.ramMb ?? 0
    const running = [...this.instances.values()].filter((instance) => instance.running && instance.node === name)
    return running.reduce((free, instance) => free - instance.ramMb, size)
  }
}

function wrong(path: string, isWrong: boolean, text: string): AcmeError['wrong'] {
  return isWrong ? [{ path, text }] : []
}

function unknown(path: string, name: string | undefined, known: readonly string[]): AcmeError['wrong'] {
  return wrong(path, name !== undefined && !known.includes(name), `there is no ${name}, only ${known.join(', ')}`)
}

/** Without what is undefined: a field that nobody spoke of. */
function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** A sparse volume takes nothing until it is written, a full one all of its size. */
function takenMb(volumes: AcmeInstance['volumes'], pool: string): number {
  return volumes.filter((volume) => volume.pool === pool && !volume.sparse).reduce((sum, volume) => sum + volume.mb, 0)
}

function setOrDelete<K extends string>(target: { [key in K]?: string }, key: K, value: string | undefined): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}
