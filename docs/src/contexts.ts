/** What blocks may take from their surroundings, by the name in their mark. Each is one line. */
export const contexts: Readonly<Record<string, string>> = {
  kit: `declare const kit: import('@virtkit/core').Virtkit`,
  rest: `declare const rest: import('@virtkit/rest').RestServer`,
  app: `declare const app: import('express').Express`,
  simulator: `declare const simulator: import('@virtkit/proxmox-simulator').ProxmoxSimulator`,
  connect: 'declare const connect: (url: string, options: { ca: string | undefined; token: string }) => unknown',
  password: 'declare const password: string',
  machine: `declare const machine: import('@virtkit/core').Machine`,
  team: `declare const team: import('@virtkit/core').Group`,
  databases: `import { eachDatabase } from '@virtkit/test-databases'; import { it } from 'vitest'`,
}
