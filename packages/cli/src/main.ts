import { helpText } from './help-text.ts'

const args = process.argv.slice(2)
if (args.length === 1 && ['--help', '-h', 'help'].includes(args[0]!)) {
  // Most of the time would go into making a program to ask for this text.
  process.stdout.on('error', () => {})
  process.stdout.write(helpText)
} else {
  const [{ processHost }, { runVirtkit }] = await Promise.all([import('./host.ts'), import('./run.ts')])
  // No process.exit(): what was opened is closed by then, and the process ends because nothing keeps it.
  process.exitCode = await runVirtkit(args, processHost())
}
