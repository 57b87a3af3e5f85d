import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type CommandLab, openLocalLab, openRemoteLab } from '../../../test/command-lab.ts'

/** Cluster 1, network 1 with addresses, group 1. */
async function setUp(lab: CommandLab): Promise<void> {
  await lab.ask(`clusters add lab --type simulated --address ${lab.hypervisor}`)
  await lab.ask('networks add lan --cluster lab --cidr 10.20.0.0/24 --gateway 10.20.0.1')
  await lab.call((client) => client.usergroups.create({ groupname: 'team-a', users: [], networks: [1], clusters: [1] }))
}

const create =
  'machines create web-1 --owner team-a --cluster lab --os debian-12 --cpus 2 --memory 4GB --disk 40GB --network lan'

it('a machine is planned, created, installed, switched, changed, snapshot, put back and deleted', async () => {
  await using lab = await openRemoteLab()
  await setUp(lab)
  expect(await lab.ask('contingents set team-a --machines 2 --cpus 4 --memory 8GB --disk 100GB')).toBe(
    'team-a may have 2 machines, 4 cpus, 8GB memory and 100GB disk.\n',
  )
  expect(await lab.ask(`${create} --plan`)).toMatch(
    /^web-1 can be created\.\naddress now +10\.20\.0\.2\ncontingent +2 machines, 4 cpus, 8GB memory, 100GB disk are free\n$/,
  )
  const large = await lab.run(`${create.replace('4GB', '40GB')} --plan`)
  expect([large.code, large.printed]).toEqual([
    3,
    expect.stringMatching(/^web-1 cannot be created:\n {2}CONTINGENT_EXCEEDED: /),
  ])
  expect(await lab.ask(create)).toBe('Machine web-1 has the key 1, and the address 10.20.0.2.\n')
  expect(await lab.ask('networks free lan')).toBe('10.20.0.3\n')

  const installed = await lab.run('machines install web-1 --package vim')
  expect(installed.printed).toMatch(
    /^Root's password \(told this once; keep it\):\n\S{12,}\nMachine web-1 is installed, and answers at 10\.20\.0\.2\.\n$/,
  )
  const told = installed.complained.split('\n').flatMap((line) => /^virtkit: web-1: (\w+)$/.exec(line)?.[1] ?? [])
  const order = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready']
  expect(told).toEqual(order.filter((phase) => told.includes(phase)))
  expect(told).toContain('ready')

  expect(await lab.ask('machines list')).toMatch(
    /^key +name +status +owner +cluster +cpus +memory +disk +addresses\n +1 +web-1 +deployed +team-a +lab +2 +4GB +40GB +10\.20\.0\.2\n$/,
  )
  expect(await lab.ask('machines info 1')).toMatch(
    /^key +1\n[^]*power +on\n[^]*card +lan +10\.20\.0\.2 +\S+\n[^]*uses +10\.20\.0\.2\n$/,
  )
  expect(await lab.ask('machines info 1 --compare')).toBe('Paper and hypervisor agree.\n')

  expect((await lab.run('machines power off web-1')).complained).toMatch(
    /^virtkit: Nobody is here to be asked: Pull the plug/,
  )
  expect(await lab.ask('machines power off web-1 --yes')).toMatch(/Machine web-1 is off\.\n$/)
  expect(await lab.ask('machines change web-1 --cpus 4 --memory 8GB')).toMatch(
    /Machine web-1 has 4 cpus, 8GB memory and 40GB disk\.\n$/,
  )
  expect(await lab.ask('machines power on web-1')).toMatch(/Machine web-1 is on\.\n$/)
  expect(await lab.ask('machines power reset web-1 --yes')).toMatch(/Machine web-1 is on again\.\n$/)
  expect(await lab.ask('contingents show')).toMatch(
    /^team-a\n {2}machines +█+░+ +1 of 2\n {2}cpus +█+ +4 of 4\n {2}memory +█+ +8GB of 8GB\n {2}disk +█+░+ +40GB of 100GB\n$/,
  )

  expect(await lab.ask('snapshots create web-1 fresh --description first')).toMatch(
    /Snapshot fresh of web-1 has the key 1\.\n$/,
  )
  expect(await lab.ask('snapshots create web-1 later')).toMatch(/Snapshot later of web-1 has the key 2\.\n$/)
  expect(await lab.ask('snapshots tree web-1')).toMatch(
    /^web-1\n└─ fresh {2}\(1, [\d-]{10} [\d:]{8}\) {2}first\n {3}└─ later {2}\(2, .*\) {2}← here\n$/,
  )
  expect(await lab.ask('snapshots revert web-1 fresh --yes')).toMatch(/Machine web-1 is back at fresh\.\n$/)
  expect(await lab.ask('snapshots rename web-1 /fresh/later --name last')).toMatch(/Snapshot later is called last\.\n$/)
  expect(await lab.ask('snapshots tree web-1')).toMatch(/fresh .* {2}← here\n {3}└─ last/)
  expect(await lab.ask('snapshots update-hardware web-1 fresh last')).toMatch(
    /fresh, last of web-1 have its present hardware\.\n$/,
  )
  expect(await lab.ask('snapshots delete web-1 1 last --yes')).toMatch(/last of web-1 is deleted\.\n$/)
  expect(await lab.ask('snapshots list web-1')).toMatch(/^web-1 has no snapshots/)

  const refused = await lab.run('machines delete web-1', { typed: ['n'] })
  expect([refused.code, refused.complained]).toEqual([
    1,
    expect.stringMatching(/^Delete web-1 with all that is on the disk\? \[y\/N\] n\nvirtkit: Nothing was done/),
  ])
  expect(await lab.ask('machines delete web-1 --yes')).toMatch(/Machine web-1 is deleted\.\n$/)
  expect(await lab.ask('machines list')).toMatch(/^No machines\./)

  const operations = (await lab.ask('operations list --json --limit 100'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; kind: string })
  expect(operations.map(({ kind }) => kind)).toContain('install-machine')
  const install = operations.find(({ kind }) => kind === 'install-machine')!
  expect(await lab.ask(`operations why ${install.id}`)).toMatch(
    /^operation +\S+\nwhat +install-machine of machine\/1\nstate +succeeded\n[^]*step +result +tries +took\n/,
  )
  expect(await lab.ask(`operations watch ${install.id}`)).toMatch(/install-machine of machine\/1 is done\.\n$/)
}, 120_000)

it('what is left with --no-wait is carried out by the next command that watches it', async () => {
  await using lab = await openLocalLab()
  await setUp(lab)
  await lab.ask(create)
  const left = await lab.run('machines install web-1 --no-wait')
  const [, id] =
    /operation (\S+) waits in the database for the next process.*virtkit operations watch \1\n$/m.exec(left.complained) ??
    []
  expect([left.code, id]).toEqual([0, expect.any(String)])
  // A command without a boot server must leave it as it is, whatever else it does meanwhile.
  await lab.ask(create.replace('web-1', 'web-2'))
  await lab.ask('machines delete web-2 --yes', { env: { VIRTKIT_BOOT_HOST: '' } })
  expect(await lab.ask('operations list --open')).toMatch(/install-machine +machine\/1 +pending/)
  const no = await lab.run('machines install web-1', { env: { VIRTKIT_BOOT_HOST: '' } })
  expect([no.code, no.complained]).toEqual([1, expect.stringMatching(/--boot-host: is missing/)])
  expect(await lab.ask(`operations watch ${id}`)).toMatch(/install-machine of machine\/1 is done\.\n$/)
  expect(await lab.ask('machines list --json')).toMatch(/"status":"deployed"/)
}, 60_000)

it('an installation that somebody interrupts stays in the database, and goes on when it is watched', async () => {
  await using lab = await openLocalLab()
  await setUp(lab)
  await lab.ask(create)
  const ended = await lab.run('machines install web-1', { interruptAt: /web-1: (published|booted)/ })
  const [, id] =
    /operation (\S+) waits in the database for the next process.*virtkit operations watch \1\n/.exec(ended.complained) ?? []
  expect([ended.code, id]).toEqual([130, expect.any(String)])
  expect(ended.complained).toMatch(/virtkit: interrupted; what was open is closed\n$/)
  expect(ended.printed).toMatch(/^Root's password \(told this once; keep it\):\n\S+\n$/)
  const other = await lab.run('machines install web-1')
  expect([other.code, other.complained]).toEqual([1, expect.stringMatching(/^CONFLICT: .*\nNext: Wait for operation/)])
  expect(await lab.ask(`operations watch ${id}`)).toMatch(/install-machine of machine\/1 is done\.\n$/)
}, 60_000)

it('wrong input names the flag, and what else is wrong', async () => {
  await using lab = await openLocalLab()
  await setUp(lab)
  writeFileSync(join(lab.folder, 'key.pub'), 'no key at all\n')
  const wrong: readonly (readonly [line: string, said: RegExp, code: number])[] = [
    [create.replace('4GB', 'many'), /^INVALID_INPUT: [^]*--memory: is no size/, 1],
    [create.replace('debian-12', 'debian-99'), /--os: there is no operating system "debian-99" \(for example /, 1],
    [create.replace('team-a', 'team-b'), /^NOT_FOUND: There is no group "team-b"\.\nNext: .*virtkit groups list/, 4],
    [create.replace('--network lan', '--network wan'), /^NOT_FOUND: There is no network "wan"/, 4],
    [create.replace('web-1', 'web_1'), /^INVALID_INPUT: [^]*name: /, 1],
    [`${create} --plan --install`, /--plan: installs nothing/, 1],
    ['machines power up web-1', /no way to switch: up \(on, off, shutdown, reset\)/, 1],
    ['machines change web-1', /names nothing to change/, 1],
    ['operations watch none', /^NOT_FOUND: There is no operation none/, 4],
    ['contingents set team-a --cpus 2', /--machines: is missing[^]*--memory: is missing/, 1],
  ]
  for (const [line, said, code] of wrong) {
    const ended = await lab.run(line)
    expect([line, ended.code, ended.complained]).toEqual([line, code, expect.stringMatching(said)])
  }
}, 60_000)
