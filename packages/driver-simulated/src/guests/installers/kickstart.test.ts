import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKernelArguments } from '../kernel-arguments.ts'
import { installerContext } from '../testing/installer-context.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { installByKickstart } from './kickstart.ts'
import { optionOf, readKickstart } from './kickstart-file.ts'

const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02']
const hash = `$6$saltsalt$${'x'.repeat(86)}`
let server: TestServer
let file: string

beforeEach(async () => {
  server = await startTestServer({ '/report': 'ok', '/first-boot': '#!/bin/sh\n' })
  file = `# a comment
text
lang en_US.UTF-8
keyboard --xlayouts='us'
timezone Europe/Berlin --utc
rootpw --iscrypted ${hash}
network --bootproto=static --device=${macs[0]} --ip=10.20.0.12 --netmask=255.255.255.0 --gateway=10.20.0.1 --nameserver=9.9.9.9,1.1.1.1 --hostname=db-1.example.com --activate
network --bootproto=static --device=${macs[1]} --ip=10.30.0.12 --netmask 255.255.0.0 --nodefroute
url --url="https://download.rockylinux.org/pub/rocky/9/BaseOS/x86_64/os/"
%include /tmp/disk.ks
bootloader
autopart
zerombr
reboot
%pre
echo "clearpart --all --initlabel --drives=$(lsblk -dn | awk '{ print $1; exit }')" > /tmp/disk.ks
curl -fsS -d 'phase=installing' ${server.origin}/report
%end
%packages
@core
vim
%end
%post --erroronfail
set -e
curl -fsS -o /usr/local/sbin/first-boot ${server.origin}/first-boot
cat > /etc/systemd/system/first.service <<'END'
[Service]
ExecStart=/bin/sh /usr/local/sbin/first-boot
END
systemctl enable first
%end
%post --nochroot
echo seen > /mnt/sysimage/root/nochroot
%end
%onerror
curl -fsS -d 'phase=failed' ${server.origin}/report
%end
`
})
afterEach(() => server[Symbol.asyncDispose]())

async function install(more = ''): Promise<ReturnType<typeof installerContext>> {
  server.answers['/ks.cfg'] = file
  const context = installerContext(macs)
  const ip = 'ip=10.20.0.12::10.20.0.1:255.255.255.0:db-1::none nameserver=9.9.9.9'
  const line = `inst.ks=${server.origin}/ks.cfg inst.text ${ip} BOOTIF=01-52-54-00-00-00-01 ${more}`
  await installByKickstart(context, readKernelArguments(line))
  return context
}

describe('an installation by kickstart', () => {
  it('writes the system, its cards and what %post made', async () => {
    const { disk } = (await install()).hardware
    expect(disk).toMatchObject({
      '/etc/os-release': 'ID=rocky\nNAME="rocky"\nVERSION_ID="9"\n',
      '/etc/hostname': 'db-1.example.com\n',
      '/etc/NetworkManager/system-connections/ens3.nmconnection': expect.stringContaining(
        'address1=10.20.0.12/24,10.20.0.1',
      ),
      '/etc/NetworkManager/system-connections/ens4.nmconnection': expect.stringContaining('address1=10.30.0.12/16\n'),
      '/usr/local/sbin/first-boot': '#!/bin/sh\n',
      '/etc/systemd/system/multi-user.target.wants/first.service': expect.stringContaining('first.service'),
      '/root/nochroot': 'seen\n',
    })
    expect(server.requests).toEqual(['GET /ks.cfg', 'POST /report phase=installing', 'GET /first-boot'])
  })

  it.each([
    ['rootpw --iscrypted', 'rootpw', /rootpw with a crypted password/],
    ['--hostname=db-1.example.com', '', /network --hostname/],
    ['clearpart --all', 'ignoredisk --all', /zerombr and clearpart/],
    ['reboot\n', '', /needs: reboot/],
    ['autopart', 'authselect', /a partitioning command/],
    ['@core\nvim\n%end', '@core\nvim\n', /not valid: .*%packages does not end/],
    ['bootloader', 'bootlaoder', /unknown command bootlaoder/],
    ['/tmp/disk.ks\nboot', '/tmp/none.ks\nboot', /included file \/tmp\/none.ks/],
    ['--netmask=255.255.255.0', '--netmask=255.0.255.0', /needs --ip and --netmask/],
    [`--device=${macs[1]}`, '--device=52:54:00:00:00:99', /no network card 52:54:00:00:00:99/],
  ])('stops without %s', async (there, instead, message) => {
    file = file.replace(there, instead)
    await expect(install()).rejects.toThrow(message)
  })

  it('tells of a script that failed, by %onerror', async () => {
    server.answers['/first-boot'] = 404
    await expect(install()).rejects.toThrow('a %post script failed')
    expect(server.requests.at(-1)).toBe('POST /report phase=failed')
  })

  it('stops when the card of the command line is not there, or DHCP gives nothing', async () => {
    await expect(install('BOOTIF=01-52-54-00-00-00-99')).rejects.toThrow('no network card 52:54:00:00:00:99')
    await expect(install('ip=dhcp')).rejects.toThrow('no DHCP server')
  })
})

describe('readKickstart', () => {
  it('splits words as a shell quotes them', () => {
    const [command] = readKickstart(`sshkey --username=root "ssh-ed25519 AAAA it's" # mine`).commands
    expect(command).toEqual({ name: 'sshkey', words: ['--username=root', "ssh-ed25519 AAAA it's"] })
    expect(optionOf(['--a', 'b', '--c=d'], 'a')).toBe('b')
    expect(() => readKickstart("lang 'en")).toThrow('a quote is not closed')
  })
})
