import type { Session } from './run-session.ts'

/** The page of `docs/` that shows a session. What both places share is shown once. */
export function renderPage(local: Session, remote: Session): string {
  const parts = local.spoken.flatMap(({ about, shown }) => [...(about === undefined ? [] : ['', about]), shown])
  const blocks: string[] = []
  let block: string[] = []
  const end = (): void => {
    if (block.length > 0) blocks.push(`\`\`\`console\n${block.join('\n')}\n\`\`\``)
    block = []
  }
  for (const [index, part] of parts.entries()) {
    if (part === '') end()
    else if (parts[index - 1] === '') blocks.push(part)
    else block.push(part)
  }
  end()
  return `${head}

\`\`\`console
${local.opening}
\`\`\`

or at a server, that somebody runs with \`virtkit serve --boot-host 127.0.0.1 --stand-ins\`:

\`\`\`console
${remote.opening}
\`\`\`

From here on, both places print the same.

${blocks.join('\n\n')}
`
}

const head = `# A session at a terminal

<!-- Written by \`npm run cli-session\`; test/cli-session.test.ts runs it again in a real terminal, in both places, and compares. -->

The whole job with the command alone: a hypervisor, a network, a group with limits, a machine, its installation, snapshots, its end. The
hypervisor is simulated (\`virtkit simulator hypervisor\`); ids, times, passwords and MAC addresses are made up.

The commands work on a database in their own process:`
