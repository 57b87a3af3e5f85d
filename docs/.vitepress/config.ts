import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { plainPages } from '../src/markdown-rules.ts'
import { readPages } from '../src/read-pages.ts'
import { isPage, siteMap, sitePathOf } from '../src/site-map.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = readPages(root, { made: true }).filter(({ path }) => isPage(path))

export default defineConfig({
  title: 'Virtkit',
  description: 'An embeddable VM-provisioning kit for TypeScript',
  lang: 'en',
  // Guides, decisions and the packages' own pages are one site: what links between them as files links between them here.
  srcDir: '..',
  srcExclude: ['*.md', 'test/**', 'packages/*/!(README.md)/**', 'examples/*/!(README.md)/**', '**/CHANGELOG.md', '.*/**'],
  rewrites: Object.fromEntries(pages.map(({ path }) => [path, sitePathOf(path)])),
  outDir: './.vitepress/dist',
  cacheDir: './.vitepress/cache',
  ignoreDeadLinks: false,
  vite: { publicDir: fileURLToPath(new URL('../public', import.meta.url)), build: { chunkSizeWarningLimit: 5000 } },
  markdown: { config: plainPages(root, process.env['VIRTKIT_DOCS_SOURCES']) },
  head: [['link', { rel: 'icon', href: '/mark.svg', type: 'image/svg+xml' }]],
  themeConfig: {
    logo: '/mark.svg',
    outline: [2, 3],
    search: { provider: 'local', options: { detailedView: false } },
    nav: [
      { text: 'Guides', link: '/guides/embed', activeMatch: '/guides/' },
      { text: 'Reference', link: '/reference/errors', activeMatch: '/reference/' },
      { text: 'Architecture', link: '/architecture' },
      { text: 'Security', link: '/security' },
    ],
    sidebar: siteMap(pages).map((section) => ({ ...section, items: [...section.items] })),
    footer: { message: 'Apache-2.0, but for the Proxmox VE driver' },
  },
})
