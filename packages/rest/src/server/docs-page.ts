import { VirtkitError } from '@virtkit/spi'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { RequestError } from './error-answer.ts'

// The reference page is Swagger UI, from our own files: no other host is asked for anything, and nothing inline is run.

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = (base: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Virtkit API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${base}/docs/swagger-ui.css">
  </head>
  <body>
    <div id="reference"></div>
    <script src="${base}/docs/swagger-ui-bundle.js"></script>
    <script src="${base}/docs/start.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#reference',
  deepLinking: true,
  displayOperationId: true,
  docExpansion: 'none',
  validatorUrl: null,
})
`

const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}

/** The reference of the API for people, and the files that it needs. Throws 404, and `PEER_MISSING` without the viewer's package. */
export async function docsPage(
  base: string,
  file: string | undefined,
  resolve: (path: string) => string = createRequire(import.meta.url).resolve,
): Promise<Response> {
  if (file === undefined)
    return new Response(page(base), {
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    })
  if (file === 'start.js') return new Response(start, { headers: { 'content-type': 'text/javascript; charset=utf-8' } })
  const type = Object.hasOwn(types, file) ? types[file]! : undefined
  if (type === undefined) throw new RequestError(404, ['there is nothing here'])
  const bytes = new Uint8Array(await readFile(pathOf(file, resolve)))
  return new Response(bytes, { headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' } })
}

function pathOf(file: string, resolve: (path: string) => string): string {
  try {
    return resolve(`swagger-ui-dist/${file}`)
  } catch (cause) {
    throw new VirtkitError(
      'PEER_MISSING',
      'The reference page needs the package swagger-ui-dist, which is not installed.',
      {
        details: { package: 'swagger-ui-dist', install: 'npm install swagger-ui-dist' },
        hint: 'Run: npm install swagger-ui-dist',
        cause,
      },
    )
  }
}
