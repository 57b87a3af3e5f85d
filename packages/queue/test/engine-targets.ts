import type { EngineTarget } from '@virtkit/queue/conformance'
import { type EngineName, openEngine } from '@virtkit/test-engines/clients'
import { type CuttableProxy, cuttableProxy } from '@virtkit/test-engines/proxy'

/** An engine that can be taken away. */
export async function engineTarget(name: EngineName, serverUrl: string): Promise<EngineTarget & { proxy: CuttableProxy }> {
  const proxy = await cuttableProxy(serverUrl)
  const { cut, mend, attempts } = proxy
  return { name, proxy, open: () => openEngine(name, proxy.url), cut, mend, attempts }
}
