import { mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Found where they are installed: they bring what cannot be packed, or are asked for by the name. */
const external = ['better-sqlite3', 'pg', 'pg-boss', 'bullmq', 'amqplib']

/**
 * Packs a program and the packages that it uses into one file, and answers its path: it starts in a fraction of a second then, and tests that
 * kill have hundreds of it. The folder is to lie inside of the repository, where what is external is found. `instead` names files that are
 * packed in the place of a package's door.
 */
export async function bundleProgram(
  entry: URL,
  folder: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<string> {
  const input = fileURLToPath(entry)
  const file = `${folder}/${basename(input, '.ts')}.mjs`
  await mkdir(folder, { recursive: true })
  const bundle = await rolldown({
    input,
    platform: 'node',
    external,
    resolve: {
      conditionNames: ['@virtkit/source', 'node', 'import'],
      alias: Object.fromEntries(Object.entries(instead).map(([door, other]) => [`${door}$`, other])),
    },
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}
