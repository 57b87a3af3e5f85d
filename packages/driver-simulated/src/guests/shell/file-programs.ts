import type { ProgramResult, ShellProgram } from './shell-host.ts'

const done: ProgramResult = { status: 0 }
const operands = (args: readonly string[]): string[] => args.filter((arg) => !/^-./.test(arg))
const notThere = (program: string, path: string): ProgramResult => ({
  status: 1,
  error: `${program}: ${path}: No such file or directory`,
})

/** Where a copy of `from` ends up when it is given `to`, which may be a folder. */
function destination(from: string, to: string, paths: readonly string[]): string {
  const isFolder = to.endsWith('/') || paths.some((path) => path.startsWith(`${to}/`))
  return isFolder ? `${to.replace(/\/$/, '')}/${from.split('/').at(-1)}` : to
}

const copy =
  (program: string, moves: boolean): ShellProgram =>
  (args, { host: { files } }) => {
    // `-m MODE` of install(1) and `-t` are not for us; modes are not kept.
    const [from = '', to = ''] = operands(args.filter((_, at) => args[at - 1] !== '-m'))
    const text = files.read(from)
    if (text === undefined) return notThere(program, from)
    files.write(destination(from, to, files.paths()), text)
    if (moves) files.remove(from)
    return done
  }

/** Folders and modes are not kept: only files are. */
export const filePrograms: Readonly<Record<string, ShellProgram>> = {
  mkdir: () => done,
  rmdir: () => done,
  chmod: () => done,
  chown: () => done,
  touch: (args, { host: { files } }) => {
    for (const path of operands(args)) files.write(path, files.read(path) ?? '')
    return done
  },
  rm: (args, { host: { files } }) => {
    for (const path of operands(args)) files.remove(path)
    return done
  },
  cp: copy('cp', false),
  install: (args, input) => (args.includes('-d') ? done : copy('install', false)(args, input)),
  mv: copy('mv', true),
  ln: (args, { host: { files } }) => {
    const [from = '', to = ''] = operands(args)
    const link = destination(from, to, files.paths())
    files.write(link, files.read(from) ?? `-> ${from}\n`)
    return done
  },
  cat: (args, { host: { files }, stdin }) => {
    const paths = operands(args)
    if (paths.length === 0) return { ...done, out: stdin, readsInput: true }
    const missing = paths.find((path) => path !== '-' && files.read(path) === undefined)
    if (missing !== undefined) return notThere('cat', missing)
    return { ...done, out: paths.map((path) => (path === '-' ? stdin : files.read(path))).join('') }
  },
  tee: (args, { host: { files }, stdin }) => {
    const appends = args.some((arg) => arg === '-a' || arg === '--append')
    for (const path of operands(args)) files.write(path, (appends ? (files.read(path) ?? '') : '') + stdin)
    return { ...done, out: stdin, readsInput: true }
  },
}
