import type { QueueEngine } from '../queue-engine.ts'

/** An engine to be held against the contract, and the means to take it away. */
export interface EngineTarget {
  readonly name: string
  /** Opens a client of its own, as another process would. */
  open(): Promise<OpenEngine>
  /** From now on nobody reaches the engine, and what was connected is cut off. */
  cut(): void
  mend(): void
  /** How often somebody has tried to reach it. */
  attempts(): number
}

export interface OpenEngine {
  readonly engine: QueueEngine
  /** Closes the engine, and the host's client with it. */
  close(): Promise<void>
}
