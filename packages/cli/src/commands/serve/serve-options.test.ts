import { expect, it } from 'vitest'
import { parseServeOptions } from './serve-options.ts'

it('without anything it serves this machine on a file here', () => {
  expect(parseServeOptions({}, {})).toEqual({
    host: '127.0.0.1',
    port: 0,
    database: 'sqlite:virtkit.db',
    keyFile: undefined,
    bootHost: undefined,
    bootPort: undefined,
    bootPrograms: undefined,
    tftpPort: undefined,
    allowReceivers: [],
    simulated: false,
    standIns: false,
    works: true,
    tls: undefined,
    trustProxy: [],
    logFolder: undefined,
    adminPassword: undefined,
    metricsToken: undefined,
  })
})

it('the environment says what flags do not', () => {
  const env = {
    VIRTKIT_HOST: '0.0.0.0',
    VIRTKIT_PORT: '8443',
    VIRTKIT_DATABASE: 'postgres://h/d',
    VIRTKIT_KEY_FILE: '/run/key',
    VIRTKIT_BOOT_HOST: '10.0.0.2',
    VIRTKIT_BOOT_PORT: '8080',
    VIRTKIT_BOOT_PROGRAMS: '/srv/ipxe',
    VIRTKIT_TFTP_PORT: '6969',
    VIRTKIT_ALLOW_RECEIVERS: '10.0.0.0/8, fd00::/8',
    VIRTKIT_SIMULATED: 'true',
    VIRTKIT_TLS_CERT: 'c.pem',
    VIRTKIT_TLS_KEY: 'k.pem',
    VIRTKIT_LOG_FOLDER: '/var/log/virtkit',
    VIRTKIT_TRUST_PROXY: '10.0.0.1, fd00::/64',
    VIRTKIT_ADMIN_PASSWORD: 'hunter2hunter2',
    VIRTKIT_METRICS_TOKEN: '',
  }
  const said = {
    host: '0.0.0.0',
    port: 8443,
    database: 'postgres://h/d',
    keyFile: '/run/key',
    bootHost: '10.0.0.2',
    bootPort: 8080,
    bootPrograms: '/srv/ipxe',
    tftpPort: 6969,
    allowReceivers: ['10.0.0.0/8', 'fd00::/8', '127.0.0.0/8', '::1'],
    simulated: true,
    standIns: false,
    works: true,
    tls: { cert: 'c.pem', key: 'k.pem' },
    trustProxy: ['10.0.0.1', 'fd00::/64'],
    logFolder: '/var/log/virtkit',
    adminPassword: 'hunter2hunter2',
    metricsToken: undefined,
  }
  expect(parseServeOptions({}, env)).toEqual(said)
  expect(parseServeOptions({ host: '::1', port: 1, tlsKey: 'other.pem' }, env)).toEqual({
    ...said,
    host: '::1',
    port: 1,
    tls: { cert: 'c.pem', key: 'other.pem' },
  })
})

it('all that is wrong is said at once, by the name it came with', () => {
  const env = { VIRTKIT_PORT: '70000', VIRTKIT_BOOT_PORT: 'x', VIRTKIT_SIMULATED: 'maybe' }
  const problems = ['--tls-key', 'VIRTKIT_PORT', 'VIRTKIT_BOOT_PORT', 'VIRTKIT_SIMULATED']
  expect(() => parseServeOptions({ tlsCert: 'c.pem' }, env)).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      details: { problems: expect.arrayContaining(problems.map((field) => expect.objectContaining({ field }))) },
    }),
  )
})

it('receivers in a simulated world are on this machine; otherwise only those that are named', () => {
  const told = (...words: Parameters<typeof parseServeOptions>) => parseServeOptions(...words).allowReceivers
  expect(told({ simulated: true }, {})).toEqual(['127.0.0.0/8', '::1'])
  expect(told({ allowReceivers: '192.168.1.7,' }, { VIRTKIT_ALLOW_RECEIVERS: '10.0.0.0/8' })).toEqual(['192.168.1.7'])
})

it('TFTP without a boot server leads nowhere', () => {
  expect(() => parseServeOptions({ tftpPort: 69 }, {})).toThrow('TFTP leads to the boot server')
  expect(parseServeOptions({ tftpPort: 69, bootHost: '10.0.0.2' }, {}).tftpPort).toBe(69)
})
