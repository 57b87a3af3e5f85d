import { describe, expect, it } from 'vitest'
import { readKernelArguments } from '../kernel-arguments.ts'
import { installerContext } from '../testing/installer-context.ts'
import { debianNetwork, kernelNetwork } from './installer-network.ts'

const mac = '52:54:00:00:00:01'
const context = installerContext()

describe('the network of an installer', () => {
  it('is read from ip= with addresses of both versions', () => {
    expect(kernelNetwork(context, readKernelArguments('ip=10.0.0.5::10.0.0.1:255.255.255.0:web::none:9.9.9.9'))).toEqual({
      mac,
      addresses: ['10.0.0.5/24'],
      gateway: '10.0.0.1',
      dns: ['9.9.9.9'],
      dhcp: false,
    })
    expect(
      kernelNetwork(context, readKernelArguments('ip=[fd00::5]::[fd00::1]:64:web::none nameserver=[fd00::53]')),
    ).toEqual({
      mac,
      addresses: ['fd00::5/64'],
      gateway: 'fd00::1',
      dns: ['fd00::53'],
      dhcp: false,
    })
    expect(kernelNetwork(context, readKernelArguments('ip=10.0.0.5:::255.255.255.0:web:ens3:none'))).toMatchObject({
      addresses: ['10.0.0.5/24'],
    })
    expect(() => kernelNetwork(context, readKernelArguments('ip=10.0.0.5::10.0.0.1::web::none'))).toThrow('malformed')
  })

  it('is read from netcfg answers, quoted where they hold blanks', () => {
    const line =
      'netcfg/disable_autoconfig=true netcfg/get_ipaddress=fd00::5/64 netcfg/get_gateway=none ' +
      'netcfg/get_nameservers="9.9.9.9 1.1.1.1" netcfg/confirm_static=true'
    expect(debianNetwork(context, readKernelArguments(line))).toEqual({
      mac,
      addresses: ['fd00::5/64'],
      dns: ['9.9.9.9', '1.1.1.1'],
      dhcp: false,
    })
    expect(() => debianNetwork(context, readKernelArguments(line.replace('confirm', 'x')))).toThrow('confirm_static')
  })

  it('needs to know which card, when there are several', () => {
    const two = installerContext([mac, '52:54:00:00:00:02'])
    expect(() => kernelNetwork(two, readKernelArguments('ip=dhcp'))).toThrow('several')
    const leased = { ...two, lease: () => ({ ip: '10.0.0.9', netmask: '255.255.255.0' }) }
    expect(kernelNetwork(leased, readKernelArguments('BOOTIF=01-52-54-00-00-00-02'))).toMatchObject({
      mac: '52:54:00:00:00:02',
      dhcp: true,
    })
  })
})
