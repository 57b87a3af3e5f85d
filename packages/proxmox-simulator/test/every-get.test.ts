import { expect, it } from 'vitest'
import { everyRoute } from '../src/api/every-route.ts'
import { startProxmoxSimulator } from '../src/index.ts'
import { client } from './client.ts'

const values: Readonly<Record<string, string>> = {
  node: 'pve1',
  vmid: '100',
  snapname: 'before',
  storage: 'local',
  volume: 'iso%2Fa.iso',
  iface: 'vmbr0',
  userid: 'root@pam',
  tokenid: 't1',
  roleid: 'PVEAuditor',
  poolid: 'lab',
}
const needed: Readonly<Record<string, Record<string, string>>> = {
  '/nodes/{node}/qemu/{vmid}/feature': { feature: 'snapshot' },
  '/nodes/{node}/qemu/{vmid}/rrddata': { timeframe: 'hour' },
  '/nodes/{node}/qemu/{vmid}/agent/exec-status': { pid: '1000' },
}

it('everything that can be read answers, on a world that has one of everything', async () => {
  await using simulator = await startProxmoxSimulator({
    tls: false,
    pace: 0,
    pools: [{ poolid: 'lab' }],
    zones: [{ zone: 'z1', type: 'simple' }],
    vnets: [{ vnet: 'v1', zone: 'z1' }],
    volumes: [{ volid: 'local:iso/a.iso', storage: 'local', content: 'iso', format: 'iso', size: 1 }],
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 't1', secret: 's', privsep: false }] }],
  })
  const { ask, run } = client(simulator, 'root@pam!t1=s')
  const machine = '/nodes/pve1/qemu/100'
  await run('POST', '/nodes/pve1/qemu', {
    vmid: 100,
    agent: 1,
    net0: 'virtio,bridge=v1',
    scsi0: 'local:1,format=qcow2',
    pool: 'lab',
  })
  await run('POST', `${machine}/snapshot`, { snapname: 'before' })
  const guested = simulator.world.machines.get(100)
  if (guested) guested.guest = { bootMs: 0, hostName: 'a' }
  const { data: upid } = await ask('POST', `${machine}/status/start`)
  await simulator.tasks.settled()
  await ask('POST', `${machine}/agent/exec`, { command: 'true' })
  const paths = everyRoute.filter(({ method }) => method === 'GET').map(({ path }) => path)
  const answers = await Promise.all(
    paths.map(async (template) => {
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        name === 'upid' ? encodeURIComponent(String(upid)) : (values[name] ?? name),
      )
      const { status, data } = await ask('GET', path, needed[template])
      return [template, status, data !== undefined] as const
    }),
  )
  expect(answers.filter(([, status, has]) => status !== 200 || !has)).toEqual([])
  expect(answers.length).toBeGreaterThan(60)
})
