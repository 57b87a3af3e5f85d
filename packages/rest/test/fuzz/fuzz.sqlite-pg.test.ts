import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { contract } from '../../src/contract/contract.ts'
import { admin, basic, openRestLab } from '../rest-lab.ts'
import { type FuzzReport, runFuzz } from './run-fuzz.ts'

eachDatabase((db) => {
  // `npm run fuzz` sends a hundred thousand, and looks at the memory.
  it('whatever is wrong with a request, it is refused in the documented form, and nothing has changed', async () => {
    await using lab = await openRestLab(await db.options())
    const before = await everything(lab.call)
    const { access_token: token } = (
      await lab.call('POST', '/token', {
        grant_type: 'client_credentials',
        client_id: admin.name,
        client_secret: admin.password,
      })
    ).body
    const seed = Math.floor(Date.now() / 86_400_000)
    const report: FuzzReport = await runFuzz({ count: 1500, seed, fetch: lab.rest.fetch, authorization: `Bearer ${token}` })
    expect(report.problems).toEqual([])
    expect(Object.keys(report.byStatus).length).toBeGreaterThan(2)
    expect(await everything(lab.call)).toEqual(before)
  })

  it('a request that is right after all is found', async () => {
    await using lab = await openRestLab(await db.options())
    const always = async (): Promise<Response> => Response.json({ msg: 'done' })
    const report = await runFuzz({ count: 10, seed: 1, fetch: always, authorization: basic(admin) })
    expect(report.problems).toHaveLength(10)
    expect((await lab.call('GET', '/callbacks')).status).toBe(200)
  })
})

/** What every list of the API says. */
async function everything(call: Awaited<ReturnType<typeof openRestLab>>['call']): Promise<unknown> {
  const lists = Object.values(contract).flatMap((resource) =>
    'list' in resource && !resource.list.path.includes(':') ? [resource.list.path] : [],
  )
  const told = lists.filter((path) => !['/events', '/operations', '/audit'].includes(path))
  return Promise.all(told.map(async (path) => [path, (await call('GET', path)).body]))
}
