import { VirtkitError, invalidInput } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { renderError } from './error-text.ts'

const GiB = 1024

describe('an error in words', () => {
  it('of a contingent names each dimension with what was asked, what is used and the limit', () => {
    const error = new VirtkitError('CONTINGENT_EXCEEDED', 'a long sentence that says it all as well', {
      details: {
        group: 7,
        blocking: [
          { dimension: 'vm', limit: 3, used: 3, reserved: 0, asked: 1 },
          { dimension: 'memory', limit: 6 * GiB, used: 4 * GiB, reserved: 1536, asked: 2 * GiB },
        ],
      },
      hint: 'Ask for less.',
    })
    expect(renderError(error).split('\n')).toEqual([
      'CONTINGENT_EXCEEDED: the contingent of group 7 has no room.',
      '  vm      asked 1, used 3, limit 3',
      '  memory  asked 2GB, used 4GB and 1536MB reserved, limit 6GB',
      'Next: Ask for less.',
    ])
  })

  it('of wrong input lists every problem with its way out', () => {
    const error = invalidInput([
      { field: 'cidr', problem: 'is no network', hint: "write it like '10.0.0.0/24'" },
      { field: 'name', problem: 'is missing' },
    ])
    expect(renderError(error).split('\n').slice(1)).toEqual([
      "  cidr: is no network (write it like '10.0.0.0/24')",
      '  name: is missing',
    ])
  })

  it('says when it may have happened all the same', () => {
    const error = new VirtkitError('HYPERVISOR_UNAVAILABLE', 'No answer.', { details: {}, outcome: 'unknown' })
    expect(renderError(error)).toBe(
      'HYPERVISOR_UNAVAILABLE: No answer.\nNote: It may have happened all the same: look before you do it again.',
    )
  })

  it('lists what the credentials lack', () => {
    const missing = [{ privilege: 'VM.Allocate', path: '/vms' }]
    const error = new VirtkitError('FORBIDDEN', 'Not allowed.', { details: { missing } })
    expect(renderError(error)).toContain('  missing: VM.Allocate on /vms')
  })

  it('shows neither stack nor cause unless asked', () => {
    const error = new VirtkitError('INTERNAL', 'Ours.', { details: {}, cause: new Error('the cause') })
    expect(renderError(error)).not.toMatch(/the cause|error-text\.test/)
    expect(renderError(error, { verbose: true })).toMatch(/error-text\.test[^]*the cause/)
  })

  it('leaves what the system says as it is, and owns up to the rest', () => {
    const system = Object.assign(new Error("EACCES: permission denied, open '/x'"), { syscall: 'open' })
    expect(renderError(system)).toBe("virtkit: EACCES: permission denied, open '/x'")
    expect(renderError(new TypeError('x is not a function'))).toMatch(/^INTERNAL: x is not a function\nNext: .*--verbose/)
  })
})
