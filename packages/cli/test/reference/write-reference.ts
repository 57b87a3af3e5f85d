import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exitCodesText } from '../../src/exit-codes.ts'
import { renderHelpModule } from './render-help-module.ts'
import { renderReference } from './render-reference.ts'
import { topHelp, wholeProgram } from './whole-program.ts'

// `npm run cli-reference`: writes what is made out of the program and kept beside it.

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
mkdirSync(at('../../../../docs/reference'), { recursive: true })
writeFileSync(at('../../../../docs/reference/cli.md'), renderReference(await wholeProgram(), exitCodesText))
writeFileSync(at('../../src/help-text.ts'), renderHelpModule(await topHelp()))
