import { processHost } from './host.ts'
import { runVirtkit } from './run.ts'

// No process.exit(): what was opened is closed by then, and the process ends because nothing keeps it.
process.exitCode = await runVirtkit(process.argv.slice(2), processHost())
