/** A message of a stream of server-sent events. */
export interface Message {
  readonly id: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at whatever came
  readonly data: any
}

/** Reads a stream as browsers do: of messages without data nobody is told. */
export async function* readStream(response: Response): AsyncGenerator<Message> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += part.value
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]))
        const id = fields.get('id')
        const data = fields.get('data')
        if (id !== undefined && data !== undefined) yield { id, data: JSON.parse(data) as unknown }
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
