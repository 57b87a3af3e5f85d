import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderPage } from './cli-session/render-page.ts'
import { runSession } from './cli-session/run-session.ts'
import { lacksTmux } from './find-tmux.ts'

it.skipIf(lacksTmux() !== undefined)(
  'a person does the whole job at a terminal, on a database and at a server with the same output; docs/cli-session.md shows it',
  async () => {
    const [local, remote] = await Promise.all([runSession('database'), runSession('server')])
    expect(remote.spoken).toEqual(local.spoken)
    for (const { percents } of [local, remote]) {
      expect(percents.length).toBeGreaterThan(3)
      expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    }
    // It is written anew by: npm run cli-session
    const page = readFileSync(new URL('../docs/cli-session.md', import.meta.url), 'utf8')
    expect(renderPage(local, remote)).toBe(page)
  },
  600_000,
)
