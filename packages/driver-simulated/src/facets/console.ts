import type { ConsoleOperations } from '@virtkit/spi'
import type { Session } from '../session.ts'

export function consoleOperations(session: Session): ConsoleOperations {
  const { core, guests } = session.simulator
  return {
    tail: (ref, call) =>
      session.perform({
        method: 'console.tail',
        call,
        subject: { ref },
        run: () =>
          guests
            .console(core.get(ref).ref)
            .flatMap((text) => text.split(/\r\n|\r|\n/))
            .slice(-200),
      }),
  }
}
