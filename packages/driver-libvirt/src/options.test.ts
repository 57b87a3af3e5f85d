import { Secret } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { libvirtOptions } from './options.ts'

const { validate } = libvirtOptions['~standard']

describe('options', () => {
  it('takes what a cluster row holds', () => {
    const given = { url: 'qemu+ssh://host/system', username: 'root', insecure: true, http: false, accel: 'tcg' }
    expect(validate(given)).toEqual({ value: given })
    expect(validate({ username: '', password: new Secret('') })).toEqual({ value: { url: 'qemu:///system' } })
  })

  it('names every field that is wrong', async () => {
    const wrong = {
      url: 'x',
      username: '-l',
      password: new Secret('p'),
      insecure: 1,
      accel: 'xen',
      userNetwork: '<',
      more: 1,
    }
    const { issues } = await validate(wrong)
    expect(issues?.map(({ path }) => path?.[0])).toEqual(Object.keys(wrong))
    expect(JSON.stringify(issues)).not.toContain('"p"')
  })

  it('refuses what is no object', async () => {
    expect((await validate('qemu:///system')).issues).toHaveLength(1)
  })
})
