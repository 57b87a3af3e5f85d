import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/**
 * Packs the victim and the packages that it uses into one file: it starts in a tenth of a second then, and there are hundreds of it.
 * The file lies inside of the repository, where the databases' own packages are found.
 */
export async function bundleVictim(folder: string): Promise<string> {
  const file = `${folder}/victim.mjs`
  await mkdir(folder, { recursive: true })
  const bundle = await rolldown({
    input: fileURLToPath(new URL('../victim/victim.ts', import.meta.url)),
    platform: 'node',
    external: ['better-sqlite3', 'pg'],
    resolve: { conditionNames: ['@virtkit/source', 'node', 'import'] },
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}
