/** For hosts that use inversify: every service of the kit as a token, and the modules that bind them. */
export { virtkitModules, type Opened } from './composition/modules.ts'
export type { Token } from './composition/token.ts'
export * as tokens from './composition/tokens.ts'
