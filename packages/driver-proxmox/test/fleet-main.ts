import { runFleet } from './fleet.ts'

// npm run fleet -w packages/driver-proxmox: 8 processes, 200 machines each.
const [processes = 8, machines = 200, width = 8] = process.argv.slice(2).map(Number)
const began = performance.now()
const result = await runFleet(processes, machines, width)
console.log(JSON.stringify(result), `${Math.round((performance.now() - began) / 1000)} s`)
const { asked, marked, duplicates, wrong, harmed, idCallsPerMachine } = result
const fine = marked === asked && duplicates.length === 0 && wrong.length === 0 && harmed === 0 && idCallsPerMachine <= 1.2
process.exitCode = fine ? 0 : 1
