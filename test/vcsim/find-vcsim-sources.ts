import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What a person types when something is not there. */
export const installVcsimSources: string =
  '.ci/install-debian-packages   (golang-go, golang-github-vmware-govmomi-dev, libxml2-utils, python3-pyvmomi)'

/** What the vSphere peer is made of and looked at with, as Debian packs it. */
export interface VcsimSources {
  readonly go: string
  /** GOPATH with govmomi in it. */
  readonly goPath: string
  readonly govmomi: string
  readonly xmllint: string
  /** The system's Python, which has pyvmomi. */
  readonly python: string
  /** What the peer is made with, in words that change when it does. */
  readonly versions: string
}

/** Where everything is, or why it cannot be used. */
export function findVcsimSources(): VcsimSources | { readonly missing: string } {
  const goPath = '/usr/share/gocode'
  const govmomi = `${goPath}/src/github.com/vmware/govmomi`
  const [go, xmllint, python] = ['/usr/bin/go', '/usr/bin/xmllint', '/usr/bin/python3']
  for (const path of [go, xmllint, python, govmomi]) if (!existsSync(path)) return { missing: `there is no ${path}` }
  try {
    execFileSync(python, ['-c', 'import pyVmomi'], { stdio: 'pipe' })
  } catch {
    return { missing: `${python} has no pyvmomi` }
  }
  try {
    const said = execFileSync('dpkg-query', ['--show', 'golang-github-vmware-govmomi-dev'], { encoding: 'utf8' })
    const versions = `${execFileSync(go, ['version'], { encoding: 'utf8' }).trim()} ${said.trim()}`
    return { go, goPath, govmomi, xmllint, python, versions }
  } catch (error) {
    return { missing: `Go or govmomi cannot be used: ${String(error)}` }
  }
}
