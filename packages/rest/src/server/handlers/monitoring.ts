import type { monitoring } from '../../contract/resources/monitoring.ts'
import type { Handlers } from '../handler.ts'

export const monitoringHandlers: Handlers<typeof monitoring> = {
  health: async () => ({ status: 'alive' }),
  ready: async ({ monitor }) => {
    await monitor.requireReady()
    return { status: 'ready' }
  },
  metrics: ({ monitor }) => monitor.metrics(),
}
