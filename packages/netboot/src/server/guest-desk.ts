import type { IncomingMessage, ServerResponse } from 'node:http'
import { type InstallDesk, type InstallReport, type InstallRun, isVirtkitError } from '@virtkit/spi'
import type { BootFileName, BootFiles } from '../boot-files/boot-files.ts'
import type { NetbootCatalog } from '../catalog/os-catalog.ts'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import { renderDiskScript } from '../ipxe/disk-script.ts'
import { renderNetworkScript, renderNobodysScript } from '../ipxe/network-script.ts'
import { renderReleaseScript } from '../ipxe/release-scripts.ts'
import { guestUrls, releaseUrls } from '../plan/guest-urls.ts'
import { answersOf } from './answers.ts'
import {
  type GuestFile,
  type GuestRoute,
  type ReleaseRoute,
  methodsOf,
  parseCardRoute,
  parseReleaseRoute,
  parseRoute,
} from './guest-route.ts'
import type { Turnstile } from './limits.ts'
import { sendNotFound, sendText, sendTryAgain } from './replies.ts'
import { parseReportForm, parseReportJson, printable } from './report-input.ts'
import { readBody } from './request-body.ts'
import { sendBootFile } from './send-boot-file.ts'

/** Answers guests. Keeps nothing: each request asks the install desk again, so any process answers for any run. */
export class GuestDesk {
  readonly #catalog: NetbootCatalog
  readonly #bootFiles: BootFiles
  readonly #desk: InstallDesk
  readonly #transfers: Turnstile
  readonly #idleMs: number
  readonly #origin: () => string

  constructor(parts: {
    catalog: NetbootCatalog
    bootFiles: BootFiles
    desk: InstallDesk
    transfers: Turnstile
    idleMs: number
    origin: () => string
  }) {
    this.#catalog = parts.catalog
    this.#bootFiles = parts.bootFiles
    this.#desk = parts.desk
    this.#transfers = parts.transfers
    this.#idleMs = parts.idleMs
    this.#origin = parts.origin
  }

  /** Answers one request. What goes wrong on our side is `503`, so that the guest asks again. */
  async answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const url = request.url ?? ''
    const route = parseRoute(url) ?? parseReleaseRoute(url) ?? parseCardRoute(url)
    if (!route) return sendNotFound(response)
    const methods = methodsOf('file' in route ? route.file : 'script')
    if (!methods.includes(request.method ?? '')) {
      return sendText(response, 405, 'Method not allowed\n', { allow: methods.join(', ') })
    }
    try {
      if ('card' in route) return await this.#serveCard(route.card, response)
      if ('release' in route) return await this.#serveRelease(route, request, response, signal)
      if (route.file === 'report') return await this.#takeReport(route.token, request, response)
      const run = await this.#desk.find(route.token)
      if (!run) return sendNotFound(response)
      await this.#serve(run, route, request, response, signal)
    } catch (error) {
      if (isVirtkitError(error, 'INVALID_INPUT')) return sendText(response, 400, `${error.message}\n`)
      if (response.headersSent) response.destroy()
      else sendTryAgain(response)
    }
  }

  /** Where the machine with this card finds its run. A card is no secret: see `InstallDesk.findByCard`. */
  async #serveCard(card: string, response: ServerResponse): Promise<void> {
    const run = await this.#desk.findByCard(card)
    const script = run ? renderNetworkScript(guestUrls(this.#origin(), run.token)) : renderNobodysScript()
    sendText(response, 200, script)
  }

  async #serve(
    run: InstallRun,
    { token, file }: GuestRoute,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    // The fence: a run installs once. Whatever boots its medium later goes on to the disk and finds nothing to install with.
    if (run.serve !== 'install') {
      return file === 'script'
        ? sendText(response, 200, renderDiskScript(run.plan.machine.firmware))
        : sendNotFound(response)
    }
    const release = this.#catalog.findBootable(run.plan.os)
    if (!release) return this.#fail(token, response, `${run.plan.os} is not in the catalog of this boot server`)
    if (file === 'kernel' || file === 'initrd') {
      try {
        return await this.#sendFile(release, file, token, request, response, signal)
      } catch (error) {
        if (!isVirtkitError(error, 'NOT_FOUND') && !isVirtkitError(error, 'CONFLICT')) throw error
        return this.#fail(token, response, `${error.message} ${error.hint ?? ''}`)
      }
    }
    const text = this.#render(run, release, token, file)
    if (typeof text === 'object' && 'refused' in text) return this.#fail(token, response, text.refused)
    if (text === undefined) return sendNotFound(response)
    if (file === 'script' && request.method === 'GET' && !(await this.#desk.report(token, { phase: 'booted' }))) {
      return sendText(response, 200, renderDiskScript(run.plan.machine.firmware))
    }
    sendText(response, 200, text)
  }

  /** What a release's boot image asks for: the same for everybody, and nobody's run. */
  async #serveRelease(
    { release: id, file }: ReleaseRoute,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const release = this.#catalog.findBootable(id)
    if (!release) return sendNotFound(response)
    if (file === 'script') {
      return sendText(response, 200, renderReleaseScript(release, releaseUrls(this.#origin(), release.id)))
    }
    try {
      await this.#sendFile(release, file, `release/${id}`, request, response, signal)
    } catch (error) {
      if (!isVirtkitError(error, 'NOT_FOUND') && !isVirtkitError(error, 'CONFLICT')) throw error
      sendNotFound(response)
    }
  }

  /** A plan that this process cannot render (another version made it, another catalog) is told apart from a file that is not there. */
  #render(
    run: InstallRun,
    release: NetbootRelease,
    token: string,
    file: GuestFile,
  ): string | Uint8Array | { refused: string } | undefined {
    try {
      return answersOf(run.plan, release, guestUrls(this.#origin(), token))[file]?.()
    } catch (error) {
      if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
      return { refused: `the plan cannot be rendered: ${error.message}` }
    }
  }

  async #sendFile(
    release: NetbootRelease,
    name: BootFileName,
    turn: string,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const leave = this.#transfers.enter(turn)
    if (!leave) return sendTryAgain(response)
    try {
      // A mirror may take its time before the first byte goes out.
      response.setTimeout(0)
      const file = await this.#bootFiles.open(release, name, signal)
      response.setTimeout(this.#idleMs)
      try {
        await sendBootFile(request, response, file, signal)
      } finally {
        await file.close()
      }
    } finally {
      leave()
    }
  }

  /** What no waiting mends ends the run with its reason, instead of letting the guest try until the time is up. */
  async #fail(token: string, response: ServerResponse, reason: string): Promise<void> {
    await this.#desk.report(token, { phase: 'failed', detail: printable(reason) })
    sendNotFound(response)
  }

  async #takeReport(token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const report = await readReport(request)
    if (report === 'too long') return sendText(response, 413, 'A report has at most 8 KiB\n', { connection: 'close' })
    if (report === 'unknown type') return sendText(response, 415, 'Send a form or JSON\n')
    if (await this.#desk.report(token, report)) sendText(response, 200, 'ok\n')
    else sendNotFound(response)
  }
}

async function readReport(request: IncomingMessage): Promise<InstallReport | 'too long' | 'unknown type'> {
  if (request.method === 'GET') return parseReportForm(new URLSearchParams(request.url?.split('?')[1] ?? ''))
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') return 'unknown type'
  const body = await readBody(request)
  if (body === undefined) return 'too long'
  return type === 'application/json' ? parseReportJson(body) : parseReportForm(new URLSearchParams(body))
}
