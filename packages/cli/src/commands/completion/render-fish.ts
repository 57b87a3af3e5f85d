import type { CommandNode, OptionNode } from './command-tree.ts'

/** For fish 3 and newer; each word with its description. One function is asked once: a condition for each word would take seconds. */
export function renderFish(tree: readonly CommandNode[]): string {
  const valued = tree.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names.map((name) => `${path}:${name}`)),
  )
  const below = tree.filter(({ path }) => path !== '').map(({ path }) => path)
  return `# Completion of virtkit for fish: virtkit completion fish | source
function __virtkit_words
    set -l at ''
    set -l prev ''
    for word in (commandline -opc)[2..]
        if test -n "$prev"
            set prev ''
            continue
        end
        switch "$at:$word"
            case ${valued.map(quote).join(' ')}
                set prev $word
                continue
        end
        switch (string trim -- "$at $word")
            case ${below.map(quote).join(' ')}
                set at (string trim -- "$at $word")
        end
    end
    if test -n "$prev"
        switch "$at:$prev"
${tree.map(valuesOf).join('')}        end
        return
    end
    switch "$at"
${tree.map(wordsOf).join('')}    end
end
complete -c virtkit -f -a '(__virtkit_words)'
`
}

const files = '__fish_complete_path (commandline -ct)'

function valuesOf({ path, options }: CommandNode): string {
  return options
    .filter(({ takesFile, choices }) => takesFile || choices)
    .map(({ names, choices }) => {
      const how = choices ? `printf '%s\\n' ${choices.map(quote).join(' ')}` : files
      return `            case ${names.map((name) => quote(`${path}:${name}`)).join(' ')}\n                ${how}\n`
    })
    .join('')
}

function wordsOf({ path, commands, options, choices, takesFile }: CommandNode): string {
  const told = [
    ...commands.map(({ name, description }) => [name, description] as const),
    ...choices.map((choice) => [choice, ''] as const),
    ...options.flatMap(({ names, description }: OptionNode) => names.map((name) => [name, description] as const)),
  ]
  const words = told.map(([word, description]) => `${quote(word)} ${quote(description)}`)
  const more = takesFile ? `            ${files}\n` : ''
  return `        case ${quote(path)}\n            printf '%s\\t%s\\n' ${words.join(' ')}\n${more}`
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
