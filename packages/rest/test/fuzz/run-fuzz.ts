import { contract } from '../../src/contract/contract.ts'
import type { OperationContract } from '../../src/contract/operation.ts'
import { malformedRequests } from './malformed.ts'

export interface FuzzReport {
  readonly sent: number
  readonly byStatus: Readonly<Record<number, number>>
  /** Requests that were not refused as they must be, the first fifty. */
  readonly problems: readonly string[]
}

export interface FuzzInput {
  readonly count: number
  readonly seed: number
  readonly fetch: (request: Request) => Promise<Response>
  readonly authorization: string
  /** Called now and then with how many there have been. */
  readonly onProgress?: (sent: number) => void
}

/** Sends what must be refused: each must come back as the documented error, with a status of 400 to 499 in both places. */
export async function runFuzz({ count, seed, fetch, authorization, onProgress }: FuzzInput): Promise<FuzzReport> {
  const operations: readonly OperationContract[] = Object.values(contract)
    .flatMap((resource): readonly OperationContract[] => Object.values(resource))
    // Whatever is said to be a token may be destroyed (RFC 7009): it is gone afterwards, if it ever was.
    .filter(({ path }) => path !== '/destroy')
  const requests = malformedRequests(operations, seededRandom(seed))
  const byStatus: Record<number, number> = {}
  const problems: string[] = []
  const rejected = (reason: unknown): void => void problems.push(`an unhandled rejection: ${String(reason)}`)
  process.on('unhandledRejection', rejected)
  try {
    for (let sent = 0; sent < count; sent += 1) {
      const { wrong, method, path, type, body } = requests.next().value
      const headers = { authorization, ...(body !== undefined && { 'content-type': type }) }
      const answer = await fetch(
        new Request(`http://fuzz/rest/v1${path}`, { method, headers, ...(body !== undefined && { body }) }),
      )
      const text = await answer.text()
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1
      const problem =
        answer.status < 400 || answer.status > 499 ? `answered ${answer.status}` : formProblem(text, answer.status)
      if (problem && problems.length < 50) {
        problems.push(`${method} ${path.slice(0, 80)}, ${wrong}: ${problem}: ${text.slice(0, 200)}`)
      }
      if (onProgress && sent % 1000 === 0) onProgress(sent)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  } finally {
    process.off('unhandledRejection', rejected)
  }
  return { sent: count, byStatus, problems }
}

function formProblem(text: string, status: number): string | undefined {
  const body = parse(text)
  if (!body) return 'is no JSON'
  const isDocumented =
    Array.isArray(body['errors']) &&
    body['errors'].length > 0 &&
    body['errors'].every((each) => typeof each === 'string' && each !== '') &&
    typeof body['timestamp'] === 'number' &&
    body['statuscode'] === status &&
    typeof body['instance'] === 'string'
  return isDocumented ? undefined : 'is not the documented form'
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** The same numbers from the same seed (Park and Miller, 1988). */
function seededRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
