import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { VirtkitError, invalidInput, isVirtkitError, notFound, toVirtkitError } from './virtkit-error.ts'

const full = new VirtkitError('DATASTORE_FULL', 'ssd is full', {
  details: { datastore: 'ssd', freeMiB: 1, askedMiB: 2 },
  hint: 'choose another',
  cause: new Error('ENOSPC hunter2'),
  outcome: 'unknown',
})

describe('a VirtkitError', () => {
  it('is an Error with code, details, hint, cause and outcome', () => {
    expect(full).toBeInstanceOf(Error)
    expect(full).toMatchObject({ name: 'VirtkitError', code: 'DATASTORE_FULL', hint: 'choose another', outcome: 'unknown' })
    expect((full.cause as Error).message).toBe('ENOSPC hunter2')
    expect(full.stack).toContain('ssd is full')
  })

  it('did not happen unless it says otherwise', () => {
    expect(new VirtkitError('CANCELLED', 'cancelled', { details: {} }).outcome).toBe('did-not-happen')
  })

  it('leaves out the cause when there is none', () => {
    expect('cause' in notFound('machine', 7)).toBe(false)
  })

  it('is stored without its cause, and without a hint that it has not', () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({
      code: 'DATASTORE_FULL',
      message: 'ssd is full',
      details: { datastore: 'ssd', freeMiB: 1, askedMiB: 2 },
      hint: 'choose another',
      outcome: 'unknown',
    })
    expect(JSON.stringify(full)).not.toContain('hunter2')
    expect('hint' in notFound('machine', 7).toJSON()).toBe(false)
  })
})

describe('isVirtkitError', () => {
  it('tells by code, and gives the details their type', () => {
    const error: unknown = full
    expect(isVirtkitError(error)).toBe(true)
    expect(isVirtkitError(error, 'NOT_FOUND')).toBe(false)
    if (!isVirtkitError(error, 'DATASTORE_FULL')) return expect.unreachable('it is one')
    expectTypeOf(error.details).toEqualTypeOf<{ datastore: string; freeMiB: number; askedMiB: number }>()
  })

  it('recognises the errors of another installed copy', async () => {
    vi.resetModules()
    const copy = await import('./virtkit-error.ts')
    expect(copy.VirtkitError).not.toBe(VirtkitError)
    const theirs = copy.notFound('machine', 1)
    expect(theirs instanceof VirtkitError).toBe(false)
    expect(isVirtkitError(theirs, 'NOT_FOUND')).toBe(true)
    expect(copy.isVirtkitError(full)).toBe(true)
    expect(toVirtkitError(theirs)).toBe(theirs)
  })

  it.each([undefined, null, 'text', 7, {}, new Error('plain'), { code: 'NOT_FOUND', name: 'VirtkitError' }])(
    'is not fooled by %s',
    (value) => {
      expect(isVirtkitError(value)).toBe(false)
    },
  )

  it('does not show its brand where an error is printed or copied', () => {
    expect(Object.keys(full)).not.toContain('virtkit/error')
    expect(Object.getOwnPropertySymbols({ ...full })).toEqual([])
  })
})

describe('invalidInput', () => {
  it('names every problem, with its hint', () => {
    const error = invalidInput(
      [
        { field: 'cpus', problem: 'is zero' },
        { field: 'nics[0].network', problem: 'there is no lan', hint: 'there is office' },
      ],
      'see the documentation',
    )
    expect(error.message).toBe('cpus: is zero; nics[0].network: there is no lan (there is office)')
    expect(error.details.problems).toHaveLength(2)
    expect(error.hint).toBe('see the documentation')
  })
})

describe('toVirtkitError', () => {
  it('wraps what is not ours, and repeats none of its text', () => {
    const error = toVirtkitError(new Error('connect to postgres://app:hunter2@db failed'))
    expect(error).toMatchObject({ code: 'INTERNAL', outcome: 'unknown' })
    expect(JSON.stringify(error)).not.toContain('hunter2')
    expect(toVirtkitError(undefined).code).toBe('INTERNAL')
  })

  it('rebuilds an error that was stored', () => {
    const stored: unknown = JSON.parse(JSON.stringify(full))
    const error = toVirtkitError(stored)
    expect(isVirtkitError(error, 'DATASTORE_FULL')).toBe(true)
    expect(error.toJSON()).toEqual(stored)
  })

  it('does not rebuild what has an unknown code or no outcome', () => {
    expect(toVirtkitError({ code: 'SOMETHING', message: 'x', details: {}, outcome: 'unknown' }).code).toBe('INTERNAL')
    expect(toVirtkitError({ code: 'NOT_FOUND', message: 'x', details: {} }).code).toBe('INTERNAL')
    expect(toVirtkitError({ code: 'ENOENT', message: 'x' }).code).toBe('INTERNAL')
  })
})
