import type { DomainEvent, Events, Install } from '@virtkit/core'
import type { Tell } from './quickstart-events.ts'

type Phase = Install['phase']
const order: readonly Phase[] = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready']

/** How far each installation is. Promises: within one run neither phase nor percent goes back, and nothing is told twice. */
export class Progress {
  readonly #tell: Tell
  readonly #state = new Map<string, { readonly phase: Phase; readonly percent: number }>()

  constructor(tell: Tell) {
    this.#tell = tell
  }

  /** A run begins, or is found where it is. */
  begin(machine: string, phase: Phase = 'planned', percent = 0): void {
    this.#state.delete(machine)
    this.advance(machine, { phase, percent })
  }

  advance(machine: string, news: { readonly phase?: Phase; readonly percent?: number; readonly detail?: string }): void {
    const before = this.#state.get(machine)
    const phase = laterOf(before?.phase ?? 'planned', news.phase)
    const percent = phase === 'ready' ? 100 : Math.max(before?.percent ?? 0, Math.min(100, news.percent ?? 0))
    if (before?.phase === phase && before.percent === percent) return
    this.#state.set(machine, { phase, percent })
    const { detail } = news
    this.#tell({ event: 'progress', machine, phase, percent, ...(detail === undefined ? {} : { detail }) })
  }
}

function laterOf(before: Phase, now: Phase | undefined): Phase {
  if (now === undefined || before === 'ready' || before === 'failed') return before
  return now === 'failed' || order.indexOf(now) > order.indexOf(before) ? now : before
}

/** Hears what the kit tells of these machines (name by subject). Answers a function that ends it. */
export function followInstalls(events: Events, machines: ReadonlyMap<string, string>, progress: Progress): () => void {
  return events.on('*', ({ type, subject, data }) => {
    const machine = machines.get(subject)
    if (machine === undefined) return
    if (type === 'install.started') progress.begin(machine)
    else if (type === 'install.progressed') progress.advance(machine, reportOf(data))
    else if (type === 'install.ready') progress.advance(machine, { phase: 'ready' })
    else if (type === 'install.failed') progress.advance(machine, { phase: 'failed' })
    else if (type === 'operation.progressed' && data['kind'] === 'install-machine') progress.advance(machine, stepOf(data))
  })
}

/** What the guest says. */
function reportOf(data: DomainEvent['data']): Parameters<Progress['advance']>[1] {
  const { phase, percent, detail } = data
  return {
    ...(isPhase(phase) ? { phase } : {}),
    ...(typeof percent === 'number' ? { percent } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
  }
}

/** What we have done at the hypervisor. */
function stepOf(data: DomainEvent['data']): Parameters<Progress['advance']>[1] {
  const { step, percent } = data
  return { ...(step === 'publish' ? { phase: 'published' } : {}), ...(typeof percent === 'number' ? { percent } : {}) }
}

function isPhase(value: unknown): value is Phase {
  return value === 'failed' || order.includes(value as Phase)
}
