import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type Finding, missing, ok, warning } from './finding.ts'

/** The oldest Node that everything runs on. */
const leastNode = [22, 12] as const

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const isEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
  if (isEnough) return ok('node', version)
  return missing('node', `${version} is older than v${leastNode.join('.')}`, 'nvm install 24')
}

export interface NeededPackage {
  readonly check: string
  readonly package: string
  /** Whether what was asked for needs it. */
  readonly isNeeded: boolean
  /** Loads it for good: native modules are found, and then do not fit their Node. */
  readonly use?: (exports: { readonly default?: unknown }) => void
}

/** Whether a package is there as the command finds it (`from`), and loads. */
export async function checkPackage({ check, package: name, isNeeded, use }: NeededPackage, from: string): Promise<Finding> {
  const lacking = isNeeded ? missing : warning
  let path: string
  try {
    path = createRequire(from).resolve(name)
  } catch {
    return lacking(check, `${name} is not installed`, `npm install ${name}`)
  }
  try {
    use?.((await import(pathToFileURL(path).href)) as object)
    return ok(check, `${name} loads`)
  } catch {
    return lacking(check, `${name} is there and does not load with this Node`, `npm rebuild ${name}`)
  }
}
