import { randomBytes } from 'node:crypto'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { contract } from '../src/contract/contract.ts'
import { type OperationContract, runsOf } from '../src/contract/operation.ts'
import { type Door, hooks, openDoor } from './change-lab.ts'

const changes: readonly OperationContract[] = Object.values(contract)
  .flatMap((resource): OperationContract[] => Object.values(resource))
  .filter(({ method }) => method !== 'GET')
  .toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))
const nameOf = ({ method, path }: OperationContract): string => `${method} ${path}`

it('every change says how it is carried out, and none that is public or answers a file is done by a key', () => {
  expect(changes.length).toBeGreaterThan(2)
  const wrong = changes.filter(
    (each) => runsOf(each) !== 'again' && (each.permission === 'public' || typeof each.result === 'string'),
  )
  expect(wrong.map(nameOf)).toEqual([])
})

eachDatabase((db) => {
  it('every change of the contract, asked for again by its key, is told what it was told, and holds up nobody', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64'), work: true })
    await addWorld(door)
    const others: string[] = []
    for (const operation of changes.filter((each) => runsOf(each) !== 'again')) {
      const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) =>
        String(sampleOf(operation.params?.shape[name])),
      )
      const body = operation.body && sampleBody(operation.body)
      const key = nameOf(operation).replaceAll(' ', '-')
      const ask = () =>
        door.call(operation.method, path, { body, headers: { 'idempotency-key': key, prefer: 'respond-async' } })
      const [first, second] = [await ask(), await ask()]
      expect([key, second.status, second.body]).toEqual([key, first.status, first.body])
      if (second.headers.get('idempotency-replayed') !== 'true') others.push(`${key} ${JSON.stringify(first.body)}`)
    }
    expect(others).toEqual([])
  })
})

/** The first of some resources: what is asked of them goes further than to a 404. Deletions come last. */
async function addWorld({ kit, url }: Door): Promise<void> {
  const cluster = (await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url } })).key
  const owner = (await kit.groups.add({ name: 'team', clusters: [cluster] })).key
  await kit.machines.create({ name: 'web', owner, cluster, os: 'debian-12', cpus: 1, memoryMiB: 2048, diskMiB: 20_480 })
  await kit.callbacks.add({ successUrl: hooks.callbackurl, errorUrl: hooks.errorcallbackurl })
}

/** The smallest body that the schema takes; what it means is another matter, and a refusal is an answer as well. */
function sampleBody(schema: z.ZodObject): Record<string, unknown> {
  const fields = Object.entries(schema.shape).filter(([, field]) => !field.safeParse(undefined).success)
  return Object.fromEntries(fields.map(([name, field]) => [name, sampleOf(field)]))
}

const samples = [1, 'sample', 'https://hooks.example.com/', '1GB', '10.0.0.0/24', 'debian-12', '00:50:56:00:00:01', true]

function sampleOf(field: z.ZodType | undefined): unknown {
  if (field instanceof z.ZodObject) return sampleBody(field)
  if (field instanceof z.ZodEnum) return field.options[0]
  if (field instanceof z.ZodArray) return [sampleOf(field.element as z.ZodType)]
  const fitting = samples.find((each) => field?.safeParse(each).success)
  if (fitting === undefined) throw new Error(`no sample fits ${JSON.stringify(field?.meta())}: add one`)
  return fitting
}
