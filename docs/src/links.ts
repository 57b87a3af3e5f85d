import { dirname, posix } from 'node:path'
import type { Page } from './read-pages.ts'

export interface Link {
  readonly page: string
  /** A file or folder, from the root of the repository. */
  readonly file: string
  /** Of a heading in it. */
  readonly anchor: string | undefined
}

/** The links of a page to what is in the repository. */
export function linksOf({ path, text }: Page): Link[] {
  const prose = text.replaceAll(/^( *)```.*?^\1```$/gms, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^(\w+:|\/)/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#')
      return { page: path, file: file === '' ? path : posix.join(dirname(path), file), anchor }
    })
}

/** What the headings of a page are called in links, as repositories and the site make them. */
export function anchorsOf({ text }: Page): Set<string> {
  const prose = text.replaceAll(/^( *)```.*?^\1```$/gms, '')
  return new Set([...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))
}

function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\d _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}
