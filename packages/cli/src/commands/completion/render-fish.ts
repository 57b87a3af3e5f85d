import type { CommandNode, OptionNode } from './command-tree.ts'

/** For fish 3 and newer; each word with its description. */
export function renderFish(tree: readonly CommandNode[]): string {
  const valued = tree.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names.map((name) => `${path}:${name}`)),
  )
  const below = tree.filter(({ path }) => path !== '').map(({ path }) => path)
  return `# Completion of virtkit for fish: virtkit completion fish | source
function __virtkit_at --description 'Whether the command so far is this one'
    set -l at ''
    set -l is_value no
    for word in (commandline -opc)[2..]
        if test $is_value = yes
            set is_value no
        else if contains -- "$at:$word" ${valued.map(quote).join(' ')}
            set is_value yes
        else if contains -- (string trim -- "$at $word") ${below.map(quote).join(' ')}
            set at (string trim -- "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
complete -c virtkit -f
${tree.map(linesOf).join('')}`
}

function linesOf({ path, commands, options, choices, takesFile }: CommandNode): string {
  const start = `complete -c virtkit -n ${quote(`__virtkit_at ${quote(path)}`)}`
  return [
    ...commands.map(({ name, description }) => `${start} -a ${quote(name)} -d ${quote(description)}`),
    ...(choices.length > 0 ? [`${start} -a ${quote(choices.join(' '))}`] : []),
    ...(takesFile ? [`${start} -F`] : []),
    ...options.map((option) => `${start}${optionOf(option)}`),
    '',
  ].join('\n')
}

function optionOf({ names, description, takesValue, takesFile, choices }: OptionNode): string {
  const flags = names.map((name) => (name.startsWith('--') ? ` -l ${quote(name.slice(2))}` : ` -s ${quote(name.slice(1))}`))
  const values = choices ? ` -a ${quote(choices.join(' '))}` : ''
  return `${flags.join('')}${takesFile ? ' -r -F' : takesValue ? ' -x' : ''}${values} -d ${quote(description)}`
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
