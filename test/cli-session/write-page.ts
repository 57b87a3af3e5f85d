import { writeFileSync } from 'node:fs'
import { renderPage } from './render-page.ts'
import { runSession } from './run-session.ts'

const [local, remote] = await Promise.all([runSession('database'), runSession('server')])
writeFileSync(new URL('../../docs/cli-session.md', import.meta.url), renderPage(local, remote))
