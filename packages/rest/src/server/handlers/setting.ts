import { type ServiceName, type SettingValues, type SettingsChange, serviceNames } from '@virtkit/core'
import type { BodyOf, ResultOf } from '../../contract/operation.ts'
import type { setting } from '../../contract/resources/setting.ts'
import { durationToMs, toNanoseconds } from '../durations.ts'
import type { Handlers } from '../handler.ts'
import { inWireWords } from '../in-wire-words.ts'

const names: Readonly<Record<string, string>> = {
  installTimeoutMs: 'installtimeout',
  deletionGraceMs: 'deletiongrace',
  datastoreFilter: 'regexfilter',
  ignoredDatastores: 'ignorefilter',
  ...Object.fromEntries(serviceNames.map((service) => [`serviceLevels.${service}`, `loglevel${service}`])),
}

export const settingHandlers: Handlers<typeof setting> = {
  get: async ({ services, by }) => toWire(await services.settings.get(by)),
  update: async ({ services, body, by }) =>
    toWire(await inWireWords(names, () => services.settings.replace(toChange(body), by))),
  remove: async ({ services, by }) => {
    await services.settings.reset(by)
    return { msg: 'settings returned to their defaults' }
  },
}

type Body = BodyOf<typeof setting.update>

function toChange(body: Body): SettingsChange {
  const { installtimeout, deletiongrace, regexfilter, ignorefilter } = body
  return {
    installTimeoutMs: installtimeout === undefined ? undefined : durationToMs(installtimeout, 'installtimeout'),
    deletionGraceMs: deletiongrace === undefined ? undefined : durationToMs(deletiongrace, 'deletiongrace'),
    datastoreFilter: regexfilter,
    ignoredDatastores: ignorefilter,
    serviceLevels: levelsOf((service) => body[`loglevel${service}`]),
  }
}

function toWire({ serviceLevels, ...values }: SettingValues): ResultOf<typeof setting.get> {
  return {
    installtimeout: toNanoseconds(values.installTimeoutMs),
    regexfilter: values.datastoreFilter,
    ignorefilter: [...values.ignoredDatastores],
    loglevelcore: serviceLevels.core,
    loglevelconfigurator: serviceLevels.configurator,
    loglevelinventory: serviceLevels.inventory,
    loglevelintegrator: serviceLevels.integrator,
    loglevellogcollector: serviceLevels.logcollector,
    loglevelnotification: serviceLevels.notification,
    loglevelipxebuilder: serviceLevels.ipxebuilder,
    deletiongrace: toNanoseconds(values.deletionGraceMs),
  }
}

function levelsOf<T>(of: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((service) => [service, of(service)])) as Record<ServiceName, T>
}
