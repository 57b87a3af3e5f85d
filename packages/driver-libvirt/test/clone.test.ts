import type { Call, Hypervisor } from '@virtkit/spi'
import { installLibvirt, lacksLibvirt } from '@virtkit/test-libvirt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libvirt } from '../src/index.ts'
import { type LibvirtLab, openLab } from './lab.ts'

const lacks = lacksLibvirt()

describe.skipIf(lacks !== undefined && process.env['CI'] === undefined)('clones on a real libvirtd', () => {
  let lab: LibvirtLab
  let hypervisor: Hypervisor

  beforeAll(async () => {
    if (lacks !== undefined) throw new Error(`${lacks}\nTo install it: ${installLibvirt}`)
    lab = await openLab()
    hypervisor = await libvirt.connect(lab.options, call())
  }, 40_000)
  afterAll(async () => {
    await hypervisor?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  it('have the disk of their template, and a seed as cloud-init asks for it, which others can read', async () => {
    const placement = { datastore: 'disks' }
    const disks = [{ sizeMiB: 16, provisioning: 'thin' as const }]
    const base = { name: 'base', cpus: 1, memoryMiB: 64, firmware: 'bios' as const, nics: [], placement, disks }
    const template = { ref: (await hypervisor.machines.create(base, keyed('base'))).ref, key: 'base' }
    await lab.target.disk?.write(template.ref, 'what the template holds')
    await hypervisor.templates?.register(template, call())

    const mac = '52:54:00:00:00:07'
    const hostname = 'web-1'
    const clone = await hypervisor.templates?.clone(
      template.ref,
      {
        name: 'clone',
        placement,
        diskSizeMiB: 32,
        nics: [{ network: 'lab-a', mac }],
        customisation: {
          hostname,
          networks: [{ address: '10.20.0.5/24', gateway: '10.20.0.1', dns: ['10.20.0.2'] }],
          sshKeys: ['ssh-ed25519 AAAA "someone": # not a comment'],
        },
      },
      keyed('clone'),
    )
    expect(clone).toMatchObject({ disks: [{ sizeMiB: 32 }], bootsFrom: 'disk' })
    expect(clone?.medium).toBeUndefined()
    expect(await lab.target.disk?.read(clone?.ref ?? '')).toBe('what the template holds')

    const seed = `/var/lib/libvirt/disks/virtkit-${clone?.ref}-seed.iso`
    expect(await lab.libvirtd.inside('blkid', '-p', '-s', 'LABEL', '-o', 'value', seed)).toBe('cidata\n')
    const content = (name: string): Promise<string> => lab.libvirtd.inside('bsdtar', '-xOf', seed, name)
    expect((await lab.libvirtd.inside('bsdtar', '-tf', seed)).split('\n')).toEqual(
      expect.arrayContaining(['meta-data', 'network-config', 'user-data']),
    )
    expect(JSON.parse(await content('meta-data'))).toEqual({ 'instance-id': clone?.ref, 'local-hostname': hostname })
    const userData = (await content('user-data')).split('\n')
    expect(userData.shift()).toBe('#cloud-config')
    expect(JSON.parse(userData.join('\n'))).toMatchObject({
      hostname,
      ssh_authorized_keys: ['ssh-ed25519 AAAA "someone": # not a comment'],
    })
    expect(JSON.parse(await content('network-config'))).toEqual({
      version: 2,
      ethernets: {
        nic0: {
          match: { macaddress: mac },
          addresses: ['10.20.0.5/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.20.0.1' }],
          nameservers: { addresses: ['10.20.0.2'] },
        },
      },
    })
    await hypervisor.machines.destroy({ ref: clone?.ref ?? '', key: 'clone' }, call())
    await hypervisor.machines.destroy(template, call())
    expect((await lab.libvirtd.virsh('vol-list', 'disks')).trim()).toBe('')
  })
})

function call(): Call {
  return { signal: AbortSignal.timeout(25_000) }
}

function keyed(key: string): Call & { readonly key: string } {
  return { ...call(), key }
}
