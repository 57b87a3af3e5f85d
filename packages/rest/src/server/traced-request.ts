import type { Telemetry } from '@virtkit/core'
import type { Answer } from './answer.ts'

/**
 * Answers a request inside of a span, as part of the caller's trace if it says one (`traceparent`, W3C). Never the address: a key or a
 * password may stand in it. Names as in OpenTelemetry's conventions for HTTP.
 */
export function traced(
  telemetry: Telemetry,
  request: Request,
  seen: { readonly route: string },
  answer: (trace: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  // Callers make up methods.
  const method = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH)$/.exec(request.method)?.[0] ?? 'HTTP'
  const parent = request.headers.get('traceparent') ?? undefined
  const about = {
    kind: 'server',
    parent,
    labels: { 'http.request.method': method === 'HTTP' ? '_OTHER' : method },
  } as const
  return telemetry.span(method, about, async (trace, span) => {
    const answered = await answer(trace)
    const { status } = answered
    span.rename(`${method} ${seen.route}`)
    span.label({ 'http.route': seen.route, 'http.response.status_code': status })
    if (status >= 500) span.fail(String(status))
    return answered
  })
}
