import { z } from 'zod'
import { defineOperation } from '../operation.ts'

/** For those who watch the service: load balancers, orchestrators, Prometheus. */
export const monitoring = {
  health: defineOperation({
    method: 'GET',
    path: '/health',
    title: 'Is the process alive',
    description: 'Answers without asking anything else: restart what does not answer.',
    permission: 'public',
    result: z.object({ status: z.literal('alive') }),
    origin: 'virtkit',
  }),
  ready: defineOperation({
    method: 'GET',
    path: '/ready',
    title: 'Can the service take requests',
    description: '503 while the database does not answer, and while the service is about to end: send requests elsewhere.',
    permission: 'public',
    result: z.object({ status: z.literal('ready') }),
    origin: 'virtkit',
  }),
  metrics: defineOperation({
    method: 'GET',
    path: '/metrics',
    title: 'Metrics for Prometheus',
    description:
      'The text format. What is counted in the database is the same at every process; HTTP requests are of the process that answers.',
    permission: 'metrics:read',
    result: 'text',
    origin: 'virtkit',
  }),
}
