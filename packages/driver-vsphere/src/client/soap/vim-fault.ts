import { type XmlObject, at, textAt, typeOf } from '../xml/xml-tree.ts'

/** The server understood, and said no. `fault` is the vendor's name of the reason: `InvalidPowerState`. */
export class VimFault extends Error {
  override readonly name = 'VimFault'
  readonly fault: string
  readonly detail: unknown

  constructor(fault: string, text: string | undefined, detail?: unknown) {
    super(text === undefined || text.trim() === '' ? fault : text)
    this.fault = fault
    this.detail = detail
  }
}

/** No answer that means anything: the connection, the time, or something else than a vSphere server at its end. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  /** `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `TIMEOUT`, `HTTP_503`, `NO_SOAP`, `PEER_MISSING`, … */
  readonly code: string
  /** Whether the request may have reached the server. */
  readonly isSent: boolean

  constructor(code: string, isSent: boolean, text: string) {
    super(text)
    this.code = code
    this.isSent = isSent
  }
}

/** The fault of a SOAP answer. */
export function soapFault(fault: XmlObject): VimFault {
  const text = textAt(fault, 'faultstring')
  const detail = at(fault, 'detail')
  const [entry] = Object.entries(typeof detail === 'object' && detail !== null ? detail : {}).filter(
    ([name]) => name !== '$type',
  )
  if (!entry) return new VimFault(methodFault(text), text)
  const [element, value] = entry
  return new VimFault(typeOf(value) ?? element.replace(/Fault$/, ''), text, value)
}

/** The fault in which a task ended (`LocalizedMethodFault`). */
export function taskFault(error: unknown): VimFault {
  const fault = at(error, 'fault')
  return new VimFault(typeOf(fault) ?? 'MethodFault', textAt(error, 'localizedMessage'), fault)
}

/** A method that the server does not have is told in words only. */
function methodFault(text: string | undefined): string {
  return text?.includes('does not implement') ? 'MethodNotFound' : 'MethodFault'
}
