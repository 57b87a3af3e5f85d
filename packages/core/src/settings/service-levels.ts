import { z } from 'zod'

/** The services of the original, as its log settings and log queries name them. Here they are rooms of one library. */
export const serviceNames = [
  'core',
  'inventory',
  'integrator',
  'configurator',
  'ipxebuilder',
  'logcollector',
  'notification',
] as const

export type ServiceName = (typeof serviceNames)[number]

/** What a service logs, most first: with `info` everything but `trace` and `debug`. */
export const logLevels = ['trace', 'debug', 'info', 'warning', 'error', 'critical'] as const

export type LogLevel = (typeof logLevels)[number]

/** The log level of every service. */
export type ServiceLevels = Readonly<Record<ServiceName, LogLevel>>

export const defaultLevel: LogLevel = 'info'

export const defaultLevels: ServiceLevels = Object.fromEntries(
  serviceNames.map((name) => [name, defaultLevel]),
) as ServiceLevels

/** True when a line of this level is written by a service that is set to `least`. */
export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least)
}

export const levelField: z.ZodType<LogLevel> = z.enum(logLevels)
