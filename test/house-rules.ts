// The plan on the wall: who may import whom, what each room keeps out, and why. `house.test.ts` holds the sources against it.

export interface PackageRule {
  /** Packages, ours and others'; `node:*` stands for every built-in. */
  readonly mayImport: readonly string[]
  /** What the tests of the package may import besides. */
  readonly testsMayImport?: readonly string[]
  readonly because: string
}

const tools = ['vitest', 'fast-check', '@virtkit/test-databases', 'better-sqlite3', 'pg']

/** Doors of others that lie in a folder which is not to be looked into. */
export const oddDoors: readonly string[] = [
  'ajv/dist/2020.js', // where its documentation says that JSON Schema 2020-12 is
]

/** Every folder of `packages/` has a line here. */
export const packageRules: Readonly<Record<string, PackageRule>> = {
  spi: {
    mayImport: ['node:*'],
    testsMayImport: tools,
    because: 'a driver author installs the contract and nothing else',
  },
  core: {
    mayImport: [
      '@virtkit/spi',
      'inversify',
      'reflect-metadata',
      'kysely',
      'eventemitter3',
      'zod',
      'better-sqlite3',
      'pg',
      'nodemailer',
      '@opentelemetry/api',
      'node:*',
    ],
    testsMayImport: [
      ...tools,
      '@virtkit/driver-simulated',
      '@virtkit/netboot',
      'smtp-server',
      'standardwebhooks',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace',
    ],
    because: 'core knows drivers and install media only through the contract',
  },
  netboot: {
    mayImport: ['@virtkit/spi', 'node:*'],
    testsMayImport: [...tools, '@virtkit/driver-simulated', 'fast-xml-parser', 'yaml'],
    because: 'how machines boot has nothing to do with how we keep books',
  },
  'driver-simulated': {
    mayImport: ['@virtkit/spi', 'node:*'],
    testsMayImport: [...tools, '@virtkit/netboot'],
    because: 'drivers import the contract, never core',
  },
  'driver-libvirt': {
    mayImport: ['@virtkit/spi', 'node:*'],
    testsMayImport: [...tools, '@virtkit/test-libvirt'],
    because: 'drivers import the contract, never core',
  },
  'driver-vsphere': {
    mayImport: ['@virtkit/spi', 'node-vsphere-soap', 'node:*'],
    testsMayImport: [...tools, 'saxes', '@virtkit/test-vcsim'],
    because: 'drivers import the contract, never core',
  },
  'driver-proxmox': {
    mayImport: ['@virtkit/spi', 'proxmox-api', 'node:*'],
    testsMayImport: [...tools, '@virtkit/core', '@virtkit/proxmox-simulator'],
    because: 'drivers import the contract, never core; the GPL of its client stays with it',
  },
  'proxmox-simulator': {
    mayImport: ['node:*'],
    testsMayImport: tools,
    because: 'who tests a client of his own installs this and nothing of ours',
  },
  rest: {
    mayImport: ['@virtkit/spi', '@virtkit/core', '@fastify/busboy', 'hono', 'hono/*', 'prom-client', 'zod', 'node:*'],
    testsMayImport: [
      ...tools,
      '@virtkit/driver-simulated',
      '@virtkit/netboot',
      '@opentelemetry/api',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace',
      '@redocly/openapi-core',
      'ajv',
      'ajv-formats',
      'express',
      'fastify',
      'koa',
      'rolldown',
    ],
    because: 'the HTTP face stands before core, and its contract before everything',
  },
  queue: {
    mayImport: ['@virtkit/spi', '@virtkit/core', '@virtkit/rest', 'zod', 'node:*'],
    testsMayImport: [...tools, '@virtkit/driver-simulated', '@virtkit/netboot', '@virtkit/test-engines', 'cloudevents'],
    because: 'a command is a request without HTTP, and the engine is what the host brings',
  },
  cli: {
    mayImport: [
      '@virtkit/spi',
      '@virtkit/core',
      '@virtkit/netboot',
      '@virtkit/driver-simulated',
      '@virtkit/driver-libvirt',
      '@virtkit/driver-vsphere',
      '@virtkit/queue',
      '@virtkit/queue/*',
      '@virtkit/rest',
      '@virtkit/proxmox-simulator',
      'commander',
      'better-sqlite3',
      'pg',
      'node:*',
    ],
    testsMayImport: [...tools, '@virtkit/test-engines'],
    because: 'the command composes what hosts can compose, from the public doors',
  },
}

/** Core's floors, lowest first: a room imports from its own floor and from those below. */
export const coreFloors: readonly (readonly string[])[] = [
  [
    'options',
    'database',
    'events',
    'operations',
    'access',
    'audit',
    'settings',
    'logs',
    'telemetry',
    'replies',
    'eula',
    'updates',
  ],
  ['clusters', 'networks', 'profiles', 'catalog'],
  // Not above the machines: no machine comes to paper without both.
  ['contingents', 'licensing'],
  ['machines', 'snapshots'],
  ['installs', 'images', 'templates', 'callbacks', 'notifications', 'backup', 'statistics'],
  ['composition'],
]

/** The two kinds of file that look upward, and at what. */
export const maySeeAllFloors = [
  { file: 'packages/core/src/*/*.module.ts', sees: 'packages/core/src/composition/**', because: 'wiring names tokens' },
  {
    file: 'packages/core/src/database/schema.ts',
    sees: '**/*-{table,tables}.ts',
    because: 'the schema lists the tables of all rooms',
  },
] as const

export interface RoomRule {
  readonly name: string
  /** Files the rule is about, as patterns from the repository's root; `*` stays in a folder, `**` does not. */
  readonly files: readonly string[]
  readonly except?: readonly string[]
  /** Modules that those files do not import; a pattern without a dot at its start names packages, with one paths. */
  readonly mayNotImport?: readonly string[]
  /** What those files do not say in code (comments and strings do not count). */
  readonly mayNotSay?: readonly RegExp[]
  readonly because: string
}

const tests = ['**/*.test.ts', '**/test/**']

export const roomRules: readonly RoomRule[] = [
  {
    name: 'the container stays in its room',
    files: ['packages/*/src/**'],
    except: [
      'packages/core/src/composition/**',
      'packages/core/src/inversify.ts',
      'packages/core/src/virtkit.ts',
      'packages/core/src/options/options.ts', // the type of the option by which hosts hand in modules
      'packages/core/src/*/*.module.ts',
      ...tests,
    ],
    mayNotImport: ['inversify', 'reflect-metadata', '@inversifyjs/*'],
    because: 'domain code must not know that a container exists',
  },
  {
    name: 'telemetry stays in its room',
    files: ['packages/*/src/**'],
    except: ['packages/core/src/telemetry/**', ...tests],
    mayNotImport: ['@opentelemetry/*'],
    because: 'one place decides what a span may say, and hosts without it miss nothing',
  },
  {
    name: 'rules and texts are pure',
    files: [
      'packages/core/src/*/*-rules.ts',
      'packages/netboot/src/catalog/**',
      'packages/netboot/src/ipxe/**',
      'packages/netboot/src/templates/**',
    ],
    except: tests,
    mayNotImport: ['node:fs', 'node:fs/*', 'node:net', 'node:http', 'node:dgram', 'kysely'],
    mayNotSay: [/\bDate\.now\b/, /\bnew Date\(\)/, /\bMath\.random\b/, /\bprocess\.env\b/],
    because: 'pure means testable without a world, and the same every time',
  },
  {
    name: 'the contract is zod and nothing else',
    files: ['packages/rest/src/contract/**'],
    except: tests,
    mayNotImport: ['@virtkit/*', 'hono', 'node:*', '../server/**', '../../server/**'],
    because: 'clients in browsers, documents and servers come from it',
  },
  {
    name: 'the client fits in a browser',
    files: ['packages/rest/src/client/**'],
    except: tests,
    mayNotImport: ['@virtkit/*', 'hono', 'node:*', '../server/**'],
    mayNotSay: [/\bBuffer\b/, /\bprocess\./],
    because: 'pages and workers call the API with what every runtime has',
  },
  {
    name: 'no decorators',
    files: ['packages/*/src/**'],
    mayNotSay: [/^\s*@[A-Za-z_]\w*(\(|\s*$)/m],
    because: 'sources run as they stand, and wiring is typed',
  },
]

/** Kinds of hypervisor, and the one package that may hold the name as a string. Faces and tests may hold all. */
export const driverNames = {
  home: {
    simulated: 'driver-simulated',
    proxmox: 'driver-proxmox',
    vmware: 'driver-vsphere',
    vsphere: 'driver-vsphere',
    esxi: 'driver-vsphere',
    libvirt: 'driver-libvirt',
  } as Readonly<Record<string, string>>,
  files: ['packages/*/src/**'],
  except: ['packages/cli/**', ...tests],
  because: 'nobody branches on the kind of a hypervisor: a facet that is absent is the answer',
} as const

/** Folders and files of these names collect what belongs in a room. */
export const forbiddenNames: readonly string[] = ['utils', 'util', 'common', 'shared', 'types', 'helpers', 'misc']

export const fileSizes = {
  median: 80,
  ninetiethPercentile: 220,
  most: 400,
  exempt: ['packages/core/src/database/migrations/**', '**/*.generated.ts', '**/data/**'],
  because: 'a file is read at one sitting and has one subject',
} as const

/** Licences that a package under Apache-2.0 may not bring along; `(MIT OR GPL-3.0)` leaves a choice and is fine. */
export const copyleft = /\b[AL]?GPL\b/

/** What a package of ours may bring along: whoever has it may use it with theirs. `test/packages` holds what is installed against it. */
export const allowedLicences: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
]
