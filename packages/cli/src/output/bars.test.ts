import { describe, expect, it } from 'vitest'
import { LiveBars, renderBar, renderBars } from './bars.ts'

describe('renderBar', () => {
  it.each([
    [0, '░░░░░░░░░░'],
    [0.001, '█░░░░░░░░░'],
    [0.5, '█████░░░░░'],
    [0.999, '█████████░'],
    [1, '██████████'],
    [7, '██████████'],
    [-1, '░░░░░░░░░░'],
  ])('a share of %d', (share, bar) => expect(renderBar(share, 10)).toBe(bar))
})

describe('renderBars', () => {
  it.each([40, 60, 80, 200])('fit %i columns', (columns) => {
    const bars = [
      {
        name: 'web-1',
        percent: 62.9,
        text: 'installing: base system, and more than anybody wants to know about it at all',
      },
      { name: 'a-longer-name', percent: 100, text: 'ready' },
    ]
    const lines = renderBars(bars, columns)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    expect(lines[0]).toContain(' 62 %  ')
    expect(lines[1]).toMatch(/^a-longer-name {2}█+ 100 %/)
  })
})

describe('live bars', () => {
  const screen = (): { bars: LiveBars; written: string[] } => {
    const written: string[] = []
    return {
      written,
      bars: new LiveBars(
        (text) => written.push(text),
        () => 60,
      ),
    }
  }

  it('are drawn over what they drew before, line by line', () => {
    const { bars, written } = screen()
    bars.set({ name: 'a', percent: 1, text: '' })
    bars.set({ name: 'b', percent: 2, text: '' })
    bars.set({ name: 'a', percent: 3, text: '' })
    expect(written.map((text) => text.split('\u001B').length - 1)).toEqual([0, 2, 2])
    expect(written[1]?.startsWith('\u001B[1A\r\u001B[0J')).toBe(true)
    expect(written[2]?.startsWith('\u001B[2A\r\u001B[0J')).toBe(true)
    expect(written[2]).toContain('a  ')
    expect(written[2]).toContain('b  ')
  })

  it('let other lines stand above them', () => {
    const { bars, written } = screen()
    bars.set({ name: 'a', percent: 1, text: '' })
    bars.line('news')
    expect(written.slice(1).join('').startsWith('\u001B[1A\r\u001B[0Jnews\na ')).toBe(true)
  })

  it('stay as they are once ended', () => {
    const { bars, written } = screen()
    bars.set({ name: 'a', percent: 1, text: '' })
    bars.end()
    bars.line('below')
    expect(written.at(-2)! + written.at(-1)!).toBe('below\n')
  })
})
