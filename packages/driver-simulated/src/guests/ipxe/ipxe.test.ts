import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../virtual-clock.ts'
import { FetchFailed } from '../fetch-failed.ts'
import { standInInitrd, standInKernel } from '../stand-in-images.ts'
import { runIpxe } from './ipxe.ts'
import type { IpxeMachine, IpxeOutcome } from './ipxe-machine.ts'

interface Run {
  readonly outcome: IpxeOutcome
  readonly printed: string[]
  readonly fetched: string[]
  readonly tookMs: number
}

const mac = '52:54:00:00:00:01'
const upNetwork = 'set net0/ip 10.0.0.5\nset net0/netmask 255.255.255.0\nifopen net0\n'

/** Runs lines of a script against files by URL; a list of files is handed out one after the other. */
async function run(
  script: string,
  files: Readonly<Record<string, (string | Uint8Array | undefined)[] | string | Uint8Array>> = {},
  more: Partial<IpxeMachine> = {},
): Promise<Run> {
  const printed: string[] = []
  const fetched: string[] = []
  const clock = createVirtualClock()
  const startedAt = clock.now()
  const outcome = await runIpxe(Buffer.from(`#!ipxe\n${script}\n`), {
    name: 'guest',
    firmware: 'bios',
    nics: [{ mac, network: 'lan' }],
    clock,
    signal: new AbortController().signal,
    lease: () => undefined,
    diskBoots: () => true,
    print: (line) => printed.push(line),
    fetch: async (url) => {
      fetched.push(url)
      const answer = files[url]
      const file = Array.isArray(answer) ? answer.shift() : answer
      if (file === undefined) throw new FetchFailed('Connection refused')
      return Buffer.from(file)
    },
    ...more,
  })
  return { outcome, printed, fetched, tookMs: clock.now() - startedAt }
}

const says = async (script: string): Promise<string[]> => (await run(script)).printed

describe('lines', () => {
  it('joins commands by && and || as iPXE does', async () => {
    expect(await says('isset ${none} && echo a || echo b')).toEqual(['isset: No such file or directory', 'b'])
    expect(await says('set x 1\nisset ${x} && echo a || echo b')).toEqual(['a'])
    expect(await says('isset ${none} ||\necho on')).toEqual(['isset: No such file or directory', 'on'])
    expect(await says('set x 1 ; echo ${x}')).toEqual(['1'])
  })

  it('ends with failure at a line that fails, or at a command that is unknown', async () => {
    const { outcome, printed } = await run('isset ${none} && echo a\necho never')
    expect(outcome).toEqual({ kind: 'exit', failed: true })
    expect(printed).not.toContain('never')
    expect((await run('frobnicate\necho never')).printed).toEqual(['frobnicate: frobnicate: command not found'])
    expect((await run('frobnicate || echo else')).printed).toContain('else')
  })

  it('skips comments and empty lines, and continues lines that end in a backslash', async () => {
    expect(await says('# comment\n\necho one # two\necho a \\\n  b')).toEqual(['one', 'a b'])
  })

  it('goes to labels, and fails when there is none of that name', async () => {
    expect(await says('goto there\necho skipped\n:there\necho here')).toEqual(['here'])
    expect(await says('goto nowhere || echo else')).toEqual(['goto: No such label: nowhere', 'else'])
    expect(await says('set where end\ngoto ${where}\necho skipped\n:end')).toEqual([])
  })

  it('ends at exit, with the status given', async () => {
    expect((await run('exit\necho never')).outcome).toEqual({ kind: 'exit', failed: false })
    expect((await run('exit 1')).outcome).toEqual({ kind: 'exit', failed: true })
  })
})

describe('settings', () => {
  it('knows the machine', async () => {
    expect(await says('echo ${net0/mac} ${mac:hexhyp} ${platform} ${none}.')).toEqual([`${mac} 52-54-00-00-00-01 pcbios .`])
    expect((await says('echo ${uuid}'))[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  })

  it('expands inner references first, and keeps an expanded value one word', async () => {
    expect(await says('set n 0\nset net0/ip 10.0.0.5\necho ${net${n}/ip}')).toEqual(['10.0.0.5'])
    expect(await says('set both a && b\necho ${both}')).toEqual(['b: b: command not found'])
    expect(await says('set text a b\niseq ${text} x || echo differs')).toEqual(['iseq: Value does not match', 'differs'])
  })

  it('refuses an address that is none', async () => {
    expect((await run('set net0/ip 10.0.0.500')).outcome).toEqual({ kind: 'exit', failed: true })
    expect((await run('set net0/ip6 10.0.0.5')).outcome).toEqual({ kind: 'exit', failed: true })
  })
})

describe('the network', () => {
  const chain = 'chain http://boot/next || echo unreachable'
  const files = { 'http://boot/next': '#!ipxe\necho next\n' }

  it('must have an address and be open before anything is fetched', async () => {
    expect((await run(chain, files)).printed).toContain('chain: Network unreachable')
    expect((await run(`set net0/ip 10.0.0.5\nset net0/netmask 255.255.255.0\n${chain}`, files)).fetched).toEqual([])
    expect((await run(`set net0/ip 10.0.0.5\nifopen net0\n${chain}`, files)).fetched).toEqual([])
    expect((await run(upNetwork + chain, files)).printed).toContain('next')
    expect((await run(`set net0/ip6 fd00::5\nset net0/len6 64\nifopen net0\n${chain}`, files)).printed).toContain('next')
    expect((await run('ifopen net7')).outcome).toEqual({ kind: 'exit', failed: true })
  })

  it('takes a lease where there is one', async () => {
    expect((await run(`dhcp || echo none`)).printed).toContain('none')
    const lease = () => ({ ip: '10.0.0.9', netmask: '255.255.255.0' })
    expect((await run(`dhcp net0\necho \${net0/ip}\n${chain}`, files, { lease })).printed).toEqual(
      expect.arrayContaining(['10.0.0.9', 'next']),
    )
  })

  it('tries again as the script says, until the server is back', async () => {
    const script = `${upNetwork}:again\nchain --replace http://boot/next || goto wait\n:wait\nsleep 5\ngoto again`
    const { fetched, tookMs, outcome } = await run(script, {
      'http://boot/next': [undefined, undefined, '#!ipxe\nexit 0\n'],
    })
    expect(fetched).toHaveLength(3)
    expect(tookMs).toBe(10_000)
    expect(outcome).toEqual({ kind: 'exit', failed: false })
  })
})

describe('chain', () => {
  it('goes on after a script that succeeded, and fails with one that failed', async () => {
    const files = { 'http://boot/good': '#!ipxe\necho good\n', 'http://boot/bad': '#!ipxe\nexit 1\n' }
    const { printed } = await run(
      `${upNetwork}chain http://boot/good\necho after\nchain http://boot/bad || echo else`,
      files,
    )
    expect(printed).toEqual(expect.arrayContaining(['good', 'after', 'else']))
  })

  it('never comes back after --replace', async () => {
    const { printed } = await run(`${upNetwork}chain --replace http://boot/good\necho after`, {
      'http://boot/good': '#!ipxe\n',
    })
    expect(printed).not.toContain('after')
  })

  it('refuses what is neither script nor kernel, and scripts that chain without end', async () => {
    expect((await run(`${upNetwork}chain http://boot/page`, { 'http://boot/page': '<html>' })).printed).toContain(
      'chain: Exec format error',
    )
    const endless = await run(`${upNetwork}chain http://boot/self`, {
      'http://boot/self': '#!ipxe\nchain http://boot/self\n',
    })
    expect(endless.outcome).toEqual({ kind: 'exit', failed: true })
  })
})

describe('kernels and disks', () => {
  const kernel = standInKernel('k', 4096)
  const initrd = standInInitrd('i', 4096)
  const files = { 'http://boot/vmlinuz': kernel, 'http://boot/initrd.gz': initrd, 'http://boot/page': '<html>' }

  it('starts a kernel with its arguments and initial RAM disks', async () => {
    const script = `${upNetwork}kernel http://boot/vmlinuz a=1 ds=nocloud;s=x b="c d"\ninitrd --name initrd http://boot/initrd.gz\nboot`
    const { outcome } = await run(script, files)
    expect(outcome).toMatchObject({ kind: 'kernel', kernel: { name: 'vmlinuz', arguments: 'a=1 ds=nocloud;s=x b="c d"' } })
    expect(outcome.kind === 'kernel' && outcome.initrds.map(({ name }) => name)).toEqual(['initrd'])
  })

  it('replaces arguments with imgargs and forgets images with imgfree', async () => {
    const { outcome } = await run(`${upNetwork}kernel http://boot/vmlinuz a=1\nimgargs vmlinuz b=2\nboot`, files)
    expect(outcome).toMatchObject({ kernel: { arguments: 'b=2' } })
    expect((await run(`${upNetwork}kernel http://boot/vmlinuz\nimgfree\nboot || echo none`, files)).printed).toContain(
      'none',
    )
  })

  it('refuses a kernel that is none', async () => {
    expect((await run(`${upNetwork}kernel http://boot/page || echo refused`, files)).printed).toContain('refused')
  })

  it('boots the disk, where there is a system on it', async () => {
    expect((await run('sanboot --no-describe --drive 0x80')).outcome).toEqual({ kind: 'disk' })
    expect((await run('sanboot --drive 0x80 || echo empty', {}, { diskBoots: () => false })).printed).toContain('empty')
    expect((await run('sanboot --drive 0x81 || echo empty')).printed).toContain('empty')
  })

  it('waits for a person in the shell, restarts, and ends with the power', async () => {
    expect((await run('shell')).outcome).toEqual({ kind: 'shell' })
    expect((await run('reboot')).outcome).toEqual({ kind: 'reboot' })
    const power = new AbortController()
    power.abort(new Error('power off'))
    await expect(run('sleep 5', {}, { signal: power.signal })).rejects.toThrow('power off')
  })
})
