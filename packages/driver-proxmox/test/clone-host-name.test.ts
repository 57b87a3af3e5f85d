import { startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { type CloneSpec, isVirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { proxmox } from '../src/index.ts'

const secret = 'c10e0000-0000-4000-8000-00000000c10e'
const call = { signal: new AbortController().signal }

it('a guest is called what it is to be called, whatever the name of its machine, and keeps that when the machine is renamed', async () => {
  await using simulator = await startProxmoxSimulator({
    pace: 0.005,
    tls: false,
    users: [{ userid: 'root@pam', tokens: [{ tokenid: 't', secret, privsep: false }] }],
    machines: [
      { vmid: 900, config: { name: 'golden', template: '1', memory: '512', ide2: 'local:cloudinit,media=cdrom' } },
    ],
  })
  const checked = await proxmox.options['~standard'].validate({
    url: simulator.url,
    http: true,
    username: 'root@pam!t',
    password: secret,
  })
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join())
  await using hypervisor = await proxmox.connect(checked.value, call)
  const { templates, machines, inventory } = hypervisor
  const clone = (key: string, name: string, hostname: string) => {
    const spec: CloneSpec = { name, placement: {}, nics: [], customisation: { hostname, networks: [], sshKeys: [] } }
    return templates!.clone('900', spec, { ...call, key })
  }
  // Cloud-init takes the host name from the name that the server has.
  const hostNameOf = (ref: string): unknown => simulator.world.machines.get(Number(ref))?.config.get('name')

  const made = await clone('k', 'database (new)', 'db-1.example.com')
  expect([made.name, hostNameOf(made.ref)]).toEqual(['database (new)', 'db-1.example.com'])
  expect(await clone('k', 'database (new)', 'db-1.example.com')).toEqual(made)
  const renamed = await machines.reconfigure({ ref: made.ref, key: 'k' }, { name: 'database' }, call)
  expect([renamed.name, hostNameOf(made.ref)]).toEqual(['database', 'db-1.example.com'])
  simulator.refreshResources()
  const listed: (readonly [string, string])[] = []
  for await (const page of inventory.machines({ pageSize: 10 }, call)) {
    listed.push(...page.map(({ ref, name }) => [ref, name] as const))
  }
  expect(listed).toContainEqual([made.ref, 'database'])

  simulator.world.machines.get(Number(made.ref))?.config.set('name', 'theirs')
  await machines.reconfigure({ ref: made.ref, key: 'k' }, { name: 'ours' }, call)
  expect(hostNameOf(made.ref)).toBe('ours')

  const same = await clone('l', 'web', 'web')
  expect([same.name, hostNameOf(same.ref)]).toEqual(['web', 'web'])
  await machines.reconfigure({ ref: same.ref, key: 'l' }, { name: 'web-2' }, call)
  expect(hostNameOf(same.ref)).toBe('web-2')

  for (const hostname of ['', 'two words', `${'x'.repeat(64)}.example`, 'a..b', `${'a.'.repeat(127)}a`]) {
    const refused: unknown = await clone('m', 'web', hostname).catch((error: unknown) => error)
    expect(isVirtkitError(refused, 'INVALID_INPUT') && refused.details).toMatchObject({
      problems: [{ field: 'customisation.hostname' }],
    })
  }
  expect(await machines.findByKey('m', call)).toBeUndefined()
})
