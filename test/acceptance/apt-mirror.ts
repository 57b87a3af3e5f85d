import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian's mirror and the way to it, as this machine's apt is set up. */
export interface AptMirror {
  /** Without a slash at its end. */
  readonly url: string
  readonly proxy: string | undefined
}

/** Throws when apt knows no mirror of the release. */
export async function aptMirror(suite: string): Promise<AptMirror> {
  const wanted = ['Created-By: Packages', `Codename: ${suite}`, 'Component: main']
  const sites = (await run('apt-get', ['indextargets', '--format', '$(SITE)', ...wanted])).stdout
  const url = sites.split('\n').find((site) => /^https?:/.test(site))
  if (url === undefined) throw new Error(`apt has no mirror of ${suite} among its sources (or apt-get update is missing)`)
  const { stdout } = await run('apt-config', ['shell', 'PROXY', `Acquire::${new URL(url).protocol.slice(0, -1)}::Proxy`])
  const [, proxy] = /^PROXY='(.+)'$/m.exec(stdout) ?? []
  return { url: url.replace(/\/+$/, ''), proxy: proxy === 'DIRECT' ? undefined : proxy }
}

/** Downloads a package, which apt checks, and unpacks it into a new folder. */
export async function unpackPackage(name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-package-'))
  // As root apt would download as a user of its own, who may not write here.
  await run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', name], { cwd: folder })
  const file = (await readdir(folder)).find((each) => each.endsWith('.deb'))
  if (file === undefined) throw new Error(`apt has downloaded no ${name}`)
  await run('dpkg-deb', ['--extract', file, '.'], { cwd: folder })
  return folder
}
