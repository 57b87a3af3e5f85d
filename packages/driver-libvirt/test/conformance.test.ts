import { lacksLibvirt, installLibvirt } from '@virtkit/test-libvirt'
import { describeDriver } from '@virtkit/spi/conformance'
import { afterAll, describe, it } from 'vitest'
import { openLab } from './lab.ts'

const lacks = lacksLibvirt()

describe.skipIf(lacks !== undefined && !process.env['CI'])('on a real libvirtd', async () => {
  if (lacks !== undefined && process.env['CI']) throw new Error(`${lacks}\nTo install it: ${installLibvirt}`)
  if (lacks !== undefined) return
  const lab = await openLab()
  afterAll(() => lab[Symbol.asyncDispose]())
  describeDriver({ describe, it }, lab.target)
})
