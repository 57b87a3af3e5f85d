import type { CommandNode } from './command-tree.ts'

/** For bash 3.2 and newer. */
export function renderBash(tree: readonly CommandNode[]): string {
  const valued = tree.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names.map((name) => `${path}:${name}`)),
  )
  const below = tree.filter(({ path }) => path !== '').map(({ path }) => path)
  return `# Completion of virtkit for bash: source <(virtkit completion bash)
_virtkit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= path= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    prev=
    case "$path:$word" in
    ${patterns(valued)})
      prev=$word
      ((i += 1))
      continue
      ;;
    esac
    case "\${path:+$path }$word" in
    ${patterns(below)}) path="\${path:+$path }$word" ;;
    esac
  done
  ((i > COMP_CWORD)) || prev=
  COMPREPLY=()
  case "$path:$prev" in
${tree.map(valuesOf).join('')}  esac
  [ -z "$prev" ] || return 0
  case "$path" in
${tree.map(wordsOf).join('')}  esac
}
complete -F _virtkit virtkit
`
}

function valuesOf({ path, options }: CommandNode): string {
  return options
    .filter(({ takesFile, choices }) => takesFile || choices)
    .map(({ names, choices }) => {
      const done = choices ? reply(`-W ${quote(choices.join(' '))}`) : files
      return `  ${patterns(names.map((name) => `${path}:${name}`))}) ${done} ;;\n`
    })
    .join('')
}

function wordsOf({ path, commands, options, choices, takesFile }: CommandNode): string {
  const words = [...commands.map(({ name }) => name), ...choices, ...options.flatMap(({ names }) => names)]
  const orFile = takesFile ? `; if [[ $cur != -* ]]; then ${files}; fi` : ''
  return `  ${quote(path)}) ${reply(`-W ${quote(words.join(' '))}`)}${orFile} ;;\n`
}

/** Line by line: a name may have a space. */
function reply(how: string): string {
  return `while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen ${how} -- "$cur")`
}

// Folders get their slash; bash 3.2 cannot do that.
const files = `${reply('-f')}; compopt -o filenames 2>/dev/null`

function patterns(names: readonly string[]): string {
  return names.length === 0 ? "''" : names.map(quote).join(' | ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
