const units: Readonly<Record<string, string>> = { s: 'seconds' }

/** What Prometheus calls a metric of OpenTelemetry's (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/). */
export function prometheusName(name: string, { unit = '', isTotal = false } = {}): string {
  const parts = [name.replaceAll('.', '_'), units[unit] ?? '', isTotal ? 'total' : '']
  return parts.filter((part) => part !== '').join('_')
}
