import { type Call, type ErrorCode, type ErrorDetails, type Outcome, VirtkitError, invalidInput } from '@virtkit/spi'
import { AcmeError, type AcmeCloud } from '../cloud/acme-cloud.ts'

/** The tag in which an instance carries its ownership mark. */
export const mark = 'virtkit.key'

/** With `onlyIf`, Acme itself checks the tag in one go with the change: no other client can come in between. */
type Ask = { signal: AbortSignal; onlyIf?: { tag: string; is: string } }
type Target = { ref: string; key?: string }
type Question<T> = (ask: Ask, cloud: AcmeCloud) => Promise<T>

// asking {
/** Asks Acme: ends when the call or the session ends, and says what went wrong in Virtkit's words. */
export function startAsking(cloud: AcmeCloud) {
  const closed = new AbortController()
  async function ask<T>(call: Call, { ref, key }: Target, unanswered: Outcome, question: Question<T>): Promise<T> {
    const signal = AbortSignal.any([call.signal, closed.signal])
    try {
      if (signal.aborted) throw cancelled('did-not-happen')
      return await question({ signal, ...(key !== undefined && { onlyIf: { tag: mark, is: key } }) }, cloud)
    } catch (error) {
      if (error instanceof AcmeError) throw inOurWords(error, ref, unanswered)
      throw error instanceof VirtkitError || !signal.aborted ? error : cancelled(unanswered)
    }
  }
  return {
    close: () => closed.abort(),
    read: <T>(call: Call, ref: string, question: Question<T>) => ask(call, { ref }, 'did-not-happen', question),
    /** A machine given with its key must carry it. When the answer is missing, nobody knows whether the change happened. */
    change: <T>(call: Call, machine: Target, question: Question<T>) => ask(call, machine, 'unknown', question),
  }
}
// }
export type Asking = ReturnType<typeof startAsking>

/** For failures that are none to us, such as destroying what is gone. Acme's status is on the cause. */
export function unless(status: number): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof VirtkitError && error.cause instanceof AcmeError && error.cause.status === status) return undefined
    throw error
  }
}

export function unsupported(feature: string): VirtkitError {
  return new VirtkitError('UNSUPPORTED', `Acme has no ${feature}.`, { details: { feature } })
}

function cancelled(outcome: Outcome): VirtkitError {
  return new VirtkitError('CANCELLED', 'The call was cancelled.', { details: {}, outcome })
}

function inOurWords(cause: AcmeError, ref: string, unanswered: Outcome): VirtkitError {
  const { status, message, pool, node, freeMb: free, askedMb: asked } = cause
  const error = <Code extends ErrorCode>(code: Code, details: ErrorDetails[Code], outcome?: Outcome): VirtkitError =>
    new VirtkitError(code, `Acme: ${message}.`, { details, cause, outcome })
  if (status === 0) return error('HYPERVISOR_UNAVAILABLE', {}, unanswered)
  if (status === 401) return error('UNAUTHENTICATED', {})
  if (status === 404) return error('NOT_FOUND', { what: 'machine', id: ref })
  if (status === 412) return error('NOT_OURS', { ref })
  if (status === 422) return invalidInput(cause.wrong.map(({ path, text }) => ({ field: ourField(path), problem: text })))
  if (pool) return error('DATASTORE_FULL', { datastore: pool, freeMiB: free, askedMiB: asked })
  if (node) return error('HOST_RESOURCES', { host: node, resource: 'memory', free, asked })
  return error('HYPERVISOR_REFUSED', { reason: message })
}

const ours: Record<string, string> = { label: 'name', vcpus: 'cpus', ramMb: 'memoryMiB', node: 'host', pool: 'datastore' }
const lists: Record<string, string> = { ports: 'nics', volumes: 'disks', grow: 'diskSizesMiB' }
const parts: Record<string, string> = { lan: 'network', hwaddr: 'mac', mb: 'sizeMiB' }

/** `ports[0].lan` is our `nics[0].network`. */
function ourField(path: string): string {
  return path.replace(/[a-zA-Z]+/g, (word) => ours[word] ?? lists[word] ?? parts[word] ?? word)
}
