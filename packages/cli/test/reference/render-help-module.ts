/** The source of `src/help-text.ts`. */
export function renderHelpModule(text: string): string {
  const literal = text.replaceAll(/[\\`]|\$\{/g, '\\$&')
  return `// Written by \`npm run cli-reference\`; a test holds it against the program.

/** What \`virtkit --help\` prints, without the time that it takes to make the program. */
export const helpText: string = \`${literal}\`
`
}
