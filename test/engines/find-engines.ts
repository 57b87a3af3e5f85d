import { existsSync } from 'node:fs'

/** What a person types when they are not there. */
export const installEngines: string = '.ci/install-debian-packages   (redis-server, rabbitmq-server)'

/** Debian's own wrapper of RabbitMQ knows one broker per machine; the program below it can be told where to live. */
export const programs = {
  redis: '/usr/bin/redis-server',
  rabbitmq: '/usr/lib/rabbitmq/bin/rabbitmq-server',
  epmd: '/usr/bin/epmd',
} as const

/** Why no Redis and RabbitMQ can be brought up here; undefined when they can. */
export function lacksEngines(): string | undefined {
  const missing = Object.values(programs).find((program) => !existsSync(program))
  return missing && `there is no ${missing}`
}
