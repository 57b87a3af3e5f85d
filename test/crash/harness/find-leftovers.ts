import type { Virtkit } from '@virtkit/core'
import type { Stage } from './stage.ts'

const none = { vm: 0, cpu: 0, memory: 0, disk: 0 }

/** What must never be when nothing runs any more, whatever happened. Empty: all is well. */
export async function findLeftovers(kit: Virtkit, stage: Stage): Promise<readonly string[]> {
  const { queries } = kit.database
  const problems: string[] = []
  const require = (isSo: boolean, problem: string): void => void (isSo || problems.push(problem))

  const leased = await queries.selectFrom('operations').select(['kind', 'state', 'leaseOwner', 'endedAt']).execute()
  for (const { kind, state, leaseOwner, endedAt } of leased) {
    require(endedAt !== null && leaseOwner === null, `${kind} is ${state} and has not ended`)
  }
  for (const drift of await kit.contingents.verify()) problems.push(`the contingent drifts: ${JSON.stringify(drift)}`)
  for (const { reserved } of await kit.contingents.list()) {
    require(JSON.stringify(reserved) === JSON.stringify(none), `still reserved: ${JSON.stringify(reserved)}`)
  }

  const { isIntact, checked, faults } = await kit.audit.verify()
  require(isIntact && checked > 0, `the audit log's chain of ${checked} is broken: ${JSON.stringify(faults)}`)

  const rows = await queries.selectFrom('machines').selectAll().execute()
  const world = stage.server.world.machines()
  for (const row of rows) {
    const theirs = world.filter(({ key }) => key === row.mark)
    require(['planned', 'deployed', 'failed'].includes(row.state), `${row.name} stays ${row.state}`)
    require((row.ref !== null) === (row.state === 'deployed'), `${row.name} is ${row.state} and has the ref ${row.ref}`)
    require(theirs.length === (row.ref === null ? 0 : 1), `${row.name} is on the hypervisor ${theirs.length} times`)
    require(row.ref === null || theirs[0]?.ref === row.ref, `${row.name} is another machine on the hypervisor`)
  }
  for (const { name, key } of world) {
    require(key === undefined || rows.some(({ mark }) => mark === key), `${name} on the hypervisor is nobody's`)
  }

  const cards = await queries.selectFrom('machineNetworks').selectAll().execute()
  for (const { key, machineKey, mac } of cards) {
    const row = rows.find((each) => each.key === machineKey)
    require(row !== undefined, `card ${key} is of no machine`)
    const theirs = world.find(({ ref }) => ref === row?.ref)
    require(!theirs || theirs.nics.some((nic) => nic.mac === mac), `${row?.name} has not the card ${mac}`)
  }
  const addresses = await queries.selectFrom('addresses').select(['owner', 'state']).execute()
  const used = addresses.filter(({ state }) => state === 'used').map(({ owner }) => owner)
  const wanted = cards.filter(({ ip }) => ip !== null).map(({ key }) => `nic/${key}`)
  require(used.toSorted().join() === wanted.toSorted().join(), `addresses of ${used.join()}, cards ${wanted.join()}`)

  for (const { phase, endedAt } of await queries.selectFrom('installs').select(['phase', 'endedAt']).execute()) {
    require(endedAt !== null && (phase === 'ready' || phase === 'failed'), `an install stays ${phase}`)
  }
  const images = await queries.selectFrom('clusterImages').select('name').execute()
  const left = stage.server.world.media().filter((medium) => !images.some(({ name }) => name === medium.name))
  require(left.length === 0, `left on the datastore: ${left.length} media`)
  return problems
}
