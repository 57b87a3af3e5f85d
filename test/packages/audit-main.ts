import { audit, auditOutcomes } from './audit.ts'
import { root } from './packages.ts'

// `npm run audit`: exit 0 when nothing is known, 1 when something is, 3 when the registry does not answer.

const { outcome, text } = audit(root)
console.log(text)
process.exitCode = auditOutcomes[outcome]
