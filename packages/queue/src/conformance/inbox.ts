import type { Delivery } from '../queue-engine.ts'

/** Remembers what it was told, and lets others wait for it. */
export class Inbox {
  readonly told: string[] = []
  readonly #waiting = new Set<() => void>()

  readonly take = async ({ body }: Delivery): Promise<void> => this.add(textOf(body))

  add(text: string): void {
    this.told.push(text)
    for (const look of this.#waiting) look()
  }

  until(isThere: (told: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isThere(this.told)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }
}

export const textOf = (body: unknown): string => String((body as { text?: unknown }).text)
