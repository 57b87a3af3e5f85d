import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVirtualClock } from '../virtual-clock.ts'
import { defaultPace, runGuest } from './guest.ts'
import type { GuestOptions } from './guest.ts'
import { standInInitrd, standInKernel } from './stand-in-images.ts'
import { testHardware, testMac } from './testing/test-hardware.ts'
import type { TestHardware } from './testing/test-hardware.ts'
import { startTestServer } from './testing/test-server.ts'
import type { TestServer } from './testing/test-server.ts'
import { tinyIso } from './testing/tiny-iso.ts'

const hash = `$6$saltsalt$${'x'.repeat(86)}`
const installArguments = (origin: string): string =>
  `auto=true priority=critical url=${origin}/preseed.cfg hostname=web-1 netcfg/disable_autoconfig=true netcfg/get_ipaddress=10.20.0.11 ` +
  'netcfg/get_netmask=255.255.255.0 netcfg/get_gateway=10.20.0.1 netcfg/get_nameservers="10.20.0.1 9.9.9.9" netcfg/confirm_static=true'

const preseed = (origin: string): string => `#_preseed_V1
d-i debian-installer/locale string en_US.UTF-8
d-i mirror/country string manual
d-i mirror/http/hostname string deb.debian.org
d-i mirror/http/directory string /debian
d-i mirror/http/proxy string
d-i mirror/suite string bookworm
d-i passwd/root-password-crypted password ${hash}
d-i passwd/make-user boolean false
d-i time/zone string Europe/Berlin
d-i partman/early_command string wget -q -O /dev/null '${origin}/report?phase=installing'
d-i partman-auto/method string regular
d-i partman-auto/choose_recipe select atomic
d-i partman-partitioning/confirm_write_new_label boolean true
d-i partman/choose_partition select finish
d-i partman/confirm boolean true
d-i partman/confirm_nooverwrite boolean true
d-i pkgsel/include string openssh-server \\
  curl
d-i grub-installer/only_debian boolean true
d-i finish-install/reboot_in_progress note
d-i preseed/late_command string mkdir -p /target/usr/local/sbin; \\
  wget -q -O /target/usr/local/sbin/first-boot ${origin}/first-boot.sh && \\
  wget -q -O /target/etc/systemd/system/first-boot.service ${origin}/first-boot.service && \\
  in-target systemctl enable first-boot.service && wget -q -O - '${origin}/report?phase=finishing'
`
const unit =
  '[Service]\nType=oneshot\nExecStart=/bin/sh /usr/local/sbin/first-boot\n[Install]\nWantedBy=multi-user.target\n'

let server: TestServer
let hardware: TestHardware
let power: AbortController
let options: GuestOptions

beforeEach(async () => {
  server = await startTestServer()
  const { origin } = server
  Object.assign(server.answers, {
    '/boot.ipxe': `#!ipxe\nkernel ${origin}/linux initrd=initrd ${installArguments(origin)}\ninitrd --name initrd ${origin}/initrd.gz\nboot\n`,
    '/linux': standInKernel('debian', 20_000),
    '/initrd.gz': standInInitrd('debian', 20_000),
    '/preseed.cfg': preseed(origin),
    '/first-boot.sh': `#!/bin/sh\nuntil curl -fsS -d phase=ready ${origin}/report; do sleep 30; done\nrm -f /usr/local/sbin/first-boot\nsystemctl disable first-boot.service\n`,
    '/first-boot.service': unit,
    '/report': 'ok',
  })
  // As a boot server does that lets a run install once.
  server.onRequest = (line) => {
    if (line.includes('phase=finishing')) server.answers['/boot.ipxe'] = '#!ipxe\nsanboot --no-describe --drive 0x80\n'
  }
  hardware = testHardware(
    medium(
      `set net0/ip 10.20.0.11\nset net0/netmask 255.255.255.0\n:start\nifopen net0\nchain --replace ${origin}/boot.ipxe || goto again\n:again\nsleep 5\ngoto start\n`,
    ),
  )
  power = new AbortController()
  options = { clock: createVirtualClock(), random: () => 0.5, pace: defaultPace }
})
afterEach(async () => {
  power.abort(new Error('power off'))
  await server[Symbol.asyncDispose]()
})

const medium = (script: string): Uint8Array => tinyIso({ 'SCRIPT.IPX': `#!ipxe\n${script}` })
const run = (): Promise<string> => runGuest(hardware, options, power.signal)
const heard = (part: string): Promise<void> =>
  new Promise((resolve) => {
    const before = server.onRequest
    server.onRequest = (line) => {
      before(line)
      if (line.includes(part)) resolve()
    }
  })

describe('a blank machine with a boot medium', () => {
  it('installs from the network, restarts from its disk and reports', async () => {
    const ready = heard('phase=ready')
    const running = run()
    await ready
    expect(hardware.addresses).toEqual(['10.20.0.11'])
    expect(server.requests).toEqual([
      'GET /boot.ipxe',
      'GET /linux',
      'GET /initrd.gz',
      'GET /preseed.cfg',
      'GET /report?phase=installing',
      'GET /first-boot.sh',
      'GET /first-boot.service',
      'GET /report?phase=finishing',
      'GET /boot.ipxe',
      'POST /report phase=ready',
    ])
    expect(hardware.disk).toMatchObject({
      '/etc/hostname': 'web-1\n',
      '/etc/os-release': expect.stringContaining('ID=debian'),
      '/etc/shadow': expect.stringContaining(`root:${hash}:`),
      '/etc/network/interfaces': expect.stringContaining('address 10.20.0.11/24'),
      '/var/lib/virtkit-sim/installs': '1',
    })
    expect(hardware.memory).toHaveProperty('uptime-started')
    power.abort(new Error('power off'))
    expect(await running).toBe('halted')
  })

  it('installs again when nothing tells it that it has', async () => {
    server.onRequest = () => undefined
    void run()
    for (let installs = 1; installs <= 2; installs += 1) await heard('phase=finishing')
    await hardware.printed(/reboot/)
    expect(Number(hardware.disk['/var/lib/virtkit-sim/installs'])).toBeGreaterThanOrEqual(1)
    await heard('GET /preseed.cfg')
    expect(Number(hardware.disk['/var/lib/virtkit-sim/installs'])).toBeGreaterThanOrEqual(2)
  })

  it('outlives a boot server that is away for a while', async () => {
    const script = server.answers['/boot.ipxe'] ?? ''
    server.answers['/boot.ipxe'] = 503
    const ready = heard('phase=ready')
    void run()
    await heard('GET /boot.ipxe')
    await heard('GET /boot.ipxe')
    server.answers['/boot.ipxe'] = script
    await ready
    expect(hardware.addresses).toEqual(['10.20.0.11'])
  })

  it.each([
    ['the kernel is none', () => (server.answers['/linux'] = '<html>'), /kernel: Exec format error/],
    ['the initial RAM disk is none', () => (server.answers['/initrd.gz'] = '<html>'), /Kernel panic/],
    ['the answer file is gone', () => (server.answers['/preseed.cfg'] = 404), /could not be retrieved/],
    [
      'an answer is missing',
      () => (server.answers['/preseed.cfg'] = preseed('http://x').replace('partman/confirm ', 'x/y ')),
      /asks: partman\/confirm$/,
    ],
    ['an answer is malformed', () => (server.answers['/preseed.cfg'] = 'd-i partman/confirm boolean yes\n'), /line 1/],
    [
      'the password is not crypted',
      () => (server.answers['/preseed.cfg'] = preseed('http://x').replace(hash, 'secret')),
      /root-password-crypted/,
    ],
    ['its last command fails', () => (server.answers['/first-boot.sh'] = 404), /late_command failed with exit code 8/],
  ])('does not install when %s', async (_, spoil, message) => {
    spoil()
    const running = run()
    await hardware.printed(message)
    expect(hardware.disk['/etc/os-release'] ?? '').toBe('')
    power.abort(new Error('power off'))
    expect(await running).toBe('halted')
  })

  it('runs the hooks that a script put into the installer, and tells whoever watches its log of a failed step', async () => {
    const { origin } = server
    server.answers['/hooks.sh'] = [
      'mkdir -p /usr/lib/base-installer.d',
      `printf '#!/bin/sh\\nwget -q -O /dev/null %s\\n' '${origin}/report?base' > /usr/lib/base-installer.d/01hook`,
      '( tail -n +1 -f /var/log/syslog | while read -r line; do',
      `  case "$line" in *"Configuring '"*"' failed"*) step=\${line#*Configuring \\'}`,
      `    wget -q -O /dev/null "${origin}/report?failed=\${step%%\\'*}";; esac`,
      'done ) </dev/null >/dev/null 2>&1 &',
    ].join('\n')
    server.answers['/preseed.cfg'] =
      `${preseed(origin)}d-i preseed/run string hooks.sh\nd-i preseed/late_command string false\n`
    const failed = heard('failed=')
    void run()
    await failed
    expect(server.requests).toContain('GET /report?base')
    expect(server.requests.at(-1)).toBe('GET /report?failed=finish-install')
  })

  it('does not install over a network that its command line does not bring up', async () => {
    server.answers['/boot.ipxe'] = String(server.answers['/boot.ipxe']).replace('netcfg/get_netmask=255.255.255.0', '')
    void run()
    await hardware.printed(/netcfg\/get_netmask has no answer/)
    expect(server.requests).not.toContain('GET /preseed.cfg')
  })
})

describe('firmware', () => {
  it('falls through from a medium without boot record, and from an empty disk', async () => {
    hardware.inserted = tinyIso({ 'SCRIPT.IPX': '#!ipxe\n' }, { bootRecord: false })
    const running = run()
    await hardware.printed(/No bootable device/)
    expect(hardware.lines).toContain('The medium has no boot record.')
    power.abort(new Error('power off'))
    expect(await running).toBe('halted')
  })

  it('boots the disk when told to, or when the script of the medium ends', async () => {
    hardware.disk['/etc/os-release'] = 'ID=debian\n'
    hardware.disk['/var/lib/cloud/seed/nocloud/network-config'] = JSON.stringify({
      version: 2,
      ethernets: { nic0: { match: { macaddress: testMac }, addresses: ['10.20.0.7/24'] } },
    })
    hardware.inserted = medium('exit 1\n')
    void run()
    await hardware.printed(/login:/)
    expect(hardware.addresses).toEqual(['10.20.0.7'])
    expect(server.requests).toEqual([])
  })

  it('survives a broken medium', async () => {
    hardware.inserted = new Uint8Array(100_000)
    void run()
    await hardware.printed(/No bootable device/)
    expect(hardware.lines).toContainEqual(expect.stringMatching(/The medium cannot be read/))
  })
})

it('a guest that loses power in the middle of anything stops at once', async () => {
  for (const moment of ['GET /boot.ipxe', 'GET /linux', 'GET /preseed.cfg', 'phase=installing', 'phase=finishing']) {
    power = new AbortController()
    const reached = heard(moment)
    const running = run()
    await reached
    power.abort(new Error('power off'))
    expect(await running).toBe('halted')
  }
})
