import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { logLevel } from './setting.ts'

const service = z.enum(['core', 'inventory', 'integrator', 'configurator', 'ipxebuilder', 'logcollector', 'notification'])

/** What each service logs. */
export const serviceSettings = {
  get: defineOperation({
    method: 'GET',
    path: '/servicesettings',
    title: 'Read the log levels of all services',
    permission: 'settings:read',
    result: z.record(service, logLevel),
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/servicesettings',
    title: 'Set the log level of a service',
    permission: 'settings:write',
    body: z.strictObject({ service, loglevel: logLevel }),
    result: z.object({ loglevel: logLevel }),
    origin: 'original',
  }),
}
