/** Text files by absolute path, as the software in a guest sees them. */
export interface FileTree {
  read(path: string): string | undefined
  write(path: string, text: string): void
  /** Takes a file away, or a folder with all that is in it. */
  remove(path: string): void
  /** In order of their names. */
  paths(): readonly string[]
}

export function createFileTree(files: Readonly<Record<string, string>> = {}): FileTree {
  const texts = new Map<string, string>()
  for (const [path, text] of Object.entries(files)) texts.set(normalPath(path), text)
  return {
    read: (path) => texts.get(normalPath(path)),
    write: (path, text) => void texts.set(normalPath(path), text),
    remove: (path) => {
      const gone = normalPath(path)
      for (const known of texts.keys()) if (known === gone || known.startsWith(`${gone}/`)) texts.delete(known)
    },
    paths: () => [...texts.keys()].toSorted(),
  }
}

/** The part of a tree below a folder, as a tree of its own: what `chroot` shows. */
export function below(tree: FileTree, folder: string): FileTree {
  const inside = (path: string): string => `${folder}${normalPath(path)}`
  return {
    read: (path) => tree.read(inside(path)),
    write: (path, text) => tree.write(inside(path), text),
    remove: (path) => tree.remove(inside(path)),
    paths: () => tree.paths().flatMap((path) => (path.startsWith(`${folder}/`) ? [path.slice(folder.length)] : [])),
  }
}

/** One tree over another: reads find the upper file first, changes go to the lower. */
export function overlaid(upper: FileTree, lower: FileTree): FileTree {
  return {
    ...lower,
    read: (path) => upper.read(path) ?? lower.read(path),
    paths: () => [...new Set([...upper.paths(), ...lower.paths()])].toSorted(),
  }
}

export function normalPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
