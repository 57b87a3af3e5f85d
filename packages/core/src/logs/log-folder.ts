import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const name = /^(\d{13,16})-([0-9a-f]{8})\.log$/

/** A file of one process, from a time on until its next one. */
export interface Segment {
  readonly name: string
  readonly process: string
  readonly from: number
  /** When the process began its next one; what is written last has no end. */
  readonly to: number
}

/** The files of a folder of logs. Each process writes its own, one after the other; any process reads all. */
export class LogFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  segmentName(at: number, process: string): string {
    return `${String(at).padStart(13, '0')}-${process}.log`
  }

  /** Readable by its owner only. It is opened anew each time: another process may have rotated it away. */
  async append(segment: string, text: string): Promise<void> {
    try {
      await appendFile(join(this.path, segment), text, { mode: 0o600 })
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      await mkdir(this.path, { recursive: true, mode: 0o700 })
      await appendFile(join(this.path, segment), text, { mode: 0o600 })
    }
  }

  /** Oldest first. */
  async segments(): Promise<readonly Segment[]> {
    const names = await readdir(this.path).catch(() => [] as string[])
    const found = names
      .flatMap((each) => {
        const [, from, process] = name.exec(each) ?? []
        return process === undefined ? [] : [{ name: each, process, from: Number(from), to: Number.POSITIVE_INFINITY }]
      })
      .toSorted((a, b) => a.from - b.from)
    const next = new Map<string, number>()
    for (const segment of found.toReversed()) {
      segment.to = next.get(segment.process) ?? segment.to
      next.set(segment.process, segment.from)
    }
    return found
  }

  /** Removes the oldest until the rest is no larger. */
  async shrinkTo(bytes: number): Promise<void> {
    const segments = await this.segments()
    const sizes = await Promise.all(segments.map((segment) => this.size(segment.name)))
    let total = sizes.reduce((sum, size) => sum + size, 0)
    for (const [index, segment] of segments.entries()) {
      if (total <= bytes) return
      await rm(join(this.path, segment.name), { force: true })
      total -= sizes[index]!
    }
  }

  /** 0 when it is gone. */
  async size(segment: string): Promise<number> {
    return stat(join(this.path, segment)).then(
      ({ size }) => size,
      () => 0,
    )
  }

  /** Whole lines from an offset on, each with the offset behind it. A file that is rotated away meanwhile just ends. */
  async *lines(segment: string, start = 0): AsyncGenerator<readonly [line: string, end: number]> {
    let rest: Buffer = Buffer.alloc(0)
    let offset = start
    try {
      for await (const part of createReadStream(join(this.path, segment), { start }) as AsyncIterable<Buffer>) {
        let bytes = rest.length === 0 ? part : Buffer.concat([rest, part])
        for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
          offset += at + 1
          yield [bytes.toString('utf8', 0, at), offset]
          bytes = bytes.subarray(at + 1)
        }
        rest = bytes
      }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    }
  }
}
