import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor'
import { listPackages, type Door, type Package } from './packages.ts'

export interface ApiReport {
  readonly specifier: string
  /** The report in the repository. */
  readonly file: string
  /** Whether it says something else than what was built. */
  readonly isOutdated: boolean
}

/**
 * Holds the report of every door against the declarations that were built, or writes it anew. One compiler reads all of them: it is
 * an older one that brings a JavaScript API, and what it reads is what our consumers' compilers read.
 */
export function reportApis(mode: 'compare' | 'write', packages: readonly Package[] = listPackages()): ApiReport[] {
  const scratch = mkdtempSync(join(tmpdir(), 'virtkit-api-'))
  try {
    const doors = packages.flatMap((each) => each.doors.map((door) => ({ door, config: configOf(each, door, scratch) })))
    const [first] = doors
    if (first === undefined) return []
    const compilerState = CompilerState.create(first.config, {
      additionalEntryPoints: doors.map(({ config }) => config.mainEntryPointFilePath),
    })
    return doors.map(({ door, config }) => {
      mkdirSync(config.reportFolder, { recursive: true })
      const { apiReportChanged } = Extractor.invoke(config, {
        compilerState,
        localBuild: mode === 'write',
        messageCallback: (message) => {
          if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true
        },
      })
      return { specifier: door.specifier, file: config.reportFilePath, isOutdated: apiReportChanged }
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Reports in the repository that are of no door. */
export function staleReports(reports: readonly ApiReport[], packages: readonly Package[] = listPackages()): string[] {
  const known = new Set(reports.map(({ file }) => file))
  return packages
    .flatMap(({ folder }) => {
      const api = join(folder, 'api')
      return readdirSync(folder).includes('api') ? readdirSync(api).map((name) => join(api, name)) : []
    })
    .filter((file) => !known.has(file))
}

const silent = { default: { logLevel: ExtractorLogLevel.None } }

function configOf({ folder, manifest }: Package, door: Door, scratch: string): ExtractorConfig {
  const configObject: IConfigFile = {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, door.types),
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2024',
          module: 'nodenext',
          lib: ['es2024', 'esnext.disposable'],
          types: ['node'],
          strict: true,
          skipLibCheck: true,
        },
        files: [door.types],
      },
    },
    apiReport: {
      enabled: true,
      includeForgottenExports: true, // what a public type is made of is public
      reportFileName: door.name,
      reportFolder: join(folder, 'api'),
      reportTempFolder: join(scratch, manifest.name),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: silent,
      tsdocMessageReporting: silent,
    },
  }
  const packageJsonFullPath = join(folder, 'package.json')
  return ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath })
}
