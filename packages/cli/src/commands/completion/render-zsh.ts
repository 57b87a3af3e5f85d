import type { CommandNode, OptionNode } from './command-tree.ts'

/** Each word with its description. */
export function renderZsh(tree: readonly CommandNode[]): string {
  const valued = tree.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names.map((name) => `${path}:${name}`)),
  )
  const below = tree.filter(({ path }) => path !== '').map(({ path }) => path)
  return `#compdef virtkit
# Completion of virtkit for zsh: source <(virtkit completion zsh), after compinit
_virtkit() {
  local path_= prev= word
  local -a found
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    prev=
    case "$path_:$word" in
    (${patterns(valued)})
      prev=$word
      ((i += 1))
      continue
      ;;
    esac
    case "\${path_:+$path_ }$word" in
    (${patterns(below)}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  ((i > CURRENT)) || prev=
  case "$path_:$prev" in
${tree.map(valuesOf).join('')}  esac
  [[ -z $prev ]] || return 0
  case "$path_" in
${tree.map(wordsOf).join('')}  esac
}
if [[ \${funcstack[1]} = _virtkit ]]; then _virtkit "$@"; else compdef _virtkit virtkit; fi
`
}

function valuesOf({ path, options }: CommandNode): string {
  return options
    .filter(({ takesFile, choices }) => takesFile || choices)
    .map(({ names, choices }) => {
      const how = choices ? `compadd -- ${choices.map(quote).join(' ')}` : '_files'
      return `  (${patterns(names.map((name) => `${path}:${name}`))}) ${how} ;;\n`
    })
    .join('')
}

function wordsOf({ path, commands, options, choices, takesFile }: CommandNode): string {
  const told = [
    ...commands.map(({ name, description }) => described(name, description)),
    ...choices.map((choice) => described(choice, '')),
  ]
  const of = (what: string, entries: readonly string[]): string =>
    entries.length === 0 ? '' : `    found=(${entries.join(' ')}); _describe ${quote(what)} found\n`
  const flags = options.flatMap(({ names, description }: OptionNode) => names.map((name) => described(name, description)))
  const files = takesFile ? '    [[ $PREFIX = -* ]] || _files\n' : ''
  return `  (${quote(path)})\n${of('command', told)}${files}${of('option', flags)}    ;;\n`
}

function described(name: string, description: string): string {
  return quote(description === '' ? name : `${name.replaceAll(':', '\\:')}:${description}`)
}

function patterns(names: readonly string[]): string {
  return names.length === 0 ? "''" : names.map(quote).join(' | ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
