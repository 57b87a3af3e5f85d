import { type InstallPlan, Secret, isVirtkitError } from '@virtkit/spi'
import { describe, expect, test } from 'vitest'
import { catalog, plainPlan, richPlan, withAddress } from '../../test/plans.ts'
import { parsePlan } from './plan-values.ts'

function problemsOf(change: Partial<InstallPlan>, os = 'debian-12'): string[] {
  try {
    parsePlan({ ...richPlan, ...change }, catalog.find(os)!)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    expect(error.message).not.toContain('$6$')
    return error.details.problems.map((problem) => problem.field)
  }
  return []
}

const [first, second] = richPlan.networks

describe('a plan', () => {
  test('with usual values is taken by every installer', () => {
    for (const os of ['debian-12', 'rocky-9', 'ubuntu-24.04', 'fedora-43']) {
      expect(problemsOf({}, os)).toEqual([])
      expect(problemsOf(plainPlan, os)).toEqual([])
    }
  })

  test.each<[Partial<InstallPlan>, string]>([
    [{ hostname: 'web 1' }, 'hostname'],
    [{ hostname: '-web' }, 'hostname'],
    [{ hostname: 'web.example.test' }, 'hostname'],
    [{ hostname: 'w'.repeat(64) }, 'hostname'],
    [{ domain: 'example..test' }, 'domain'],
    [{ locale: 'en_US.UTF-8 priority=low' }, 'locale'],
    [{ keyboard: 'us\nlang C' }, 'keyboard'],
    [{ timezone: '../../etc/passwd' }, 'timezone'],
    [{ rootPasswordHash: new Secret('plain text') }, 'rootPasswordHash'],
    [{ rootPasswordHash: new Secret(`$6$salt$${'a'.repeat(80)}\nd-i x y z`) }, 'rootPasswordHash'],
    [{ sshKeys: [`ssh-ed25519 ${'A'.repeat(68)} me\nssh-rsa evil`] }, 'sshKeys[0]'],
    [{ sshKeys: [`command="id" ssh-ed25519 ${'A'.repeat(68)}`] }, 'sshKeys[0]'],
    [{ packages: ['nginx', 'apt; reboot'] }, 'packages[1]'],
    [{ packages: ['openssh-server-'] }, 'packages[0]'],
    [{ packages: ['@development'] }, 'packages[0]'],
    [{ mirror: 'http://user:secret@mirror.test/debian' }, 'mirror'],
    [{ mirror: 'http://mirror.test/debian?x=$(id)' }, 'mirror'],
    [{ mirror: 'file:///etc' }, 'mirror'],
    [{ trace: '00-abc' }, 'trace'],
    [{ runId: 'run 1' }, 'runId'],
    [{ networks: [] }, 'networks'],
  ])('with %j is refused by field', (change, field) => {
    expect(problemsOf(change)).toEqual([field])
  })

  test('is refused with all that is wrong with it at once', () => {
    expect(problemsOf({ hostname: '', locale: '', networks: [] })).toEqual(['hostname', 'locale', 'networks'])
  })

  test('may name groups where the installer knows them', () => {
    expect(problemsOf({ packages: ['@development', 'python3.11'] }, 'rocky-9')).toEqual([])
  })

  test('needs a mirror where the release has none', () => {
    expect(problemsOf({}, 'rhel-9')).toEqual(['mirror'])
    expect(problemsOf({ mirror: 'http://10.20.0.3/rhel9' }, 'rhel-9')).toEqual([])
  })
})

describe('the networks of a plan', () => {
  test.each<[Partial<InstallPlan>, string[]]>([
    [withAddress('10.20.0', 24), ['networks[0].static.address']],
    [withAddress('10.20.0.5', 33), ['networks[0].static.prefix']],
    [withAddress('10.20.0.5', 24, '10.21.0.1'), ['networks[0].static.gateway']],
    [withAddress('10.20.0.5', 24, '2001:db8::1'), ['networks[0].static.gateway']],
    [{ networks: [{ ...first!, mac: '52:54:00' }] }, ['networks[0].mac']],
    [{ networks: [first!, { ...second!, mac: first!.mac.toUpperCase() }] }, ['networks[1].mac']],
    [{ networks: [{ ...first!, dns: ['10.20.0.1', 'dns.test'] }] }, ['networks[0].dns[1]']],
    [{ networks: [{ ...first!, searchDomains: ['a b'] }] }, ['networks[0].searchDomains[0]']],
  ])('are refused by field (%#)', (change, fields) => {
    expect(problemsOf(change)).toEqual(fields)
  })

  test('give the default route to the first card with a way out, and to no other', () => {
    const routes = (networks: InstallPlan['networks']): boolean[] =>
      parsePlan({ ...richPlan, networks }, catalog.find('debian-12')!).networks.map((network) => network.defaultRoute)
    expect(routes(richPlan.networks)).toEqual([true, false, false])
    expect(routes(richPlan.networks.slice(1))).toEqual([false, true])
    expect(routes([second!])).toEqual([false])
  })

  test('never carry the gateway of an isolated network', () => {
    const values = parsePlan(richPlan, catalog.find('debian-12')!)
    expect(values.networks[0].static?.gateway).toBe('10.20.0.1')
    expect(values.networks[1]?.static?.gateway).toBeUndefined()
  })

  test('may be IPv6 with a link-local gateway, except where the installer starts over IPv4 only', () => {
    const six = withAddress('2001:DB8::0005', 64, 'fe80::1')
    expect(parsePlan(six, catalog.find('debian-12')!).networks[0].static).toMatchObject({
      address: '2001:db8::5',
      mask: '64',
    })
    expect(problemsOf(six, 'ubuntu-24.04')).toEqual(['networks[0].static.address'])
  })
})
