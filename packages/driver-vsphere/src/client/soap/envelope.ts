import { readXml } from '../xml/read-xml.ts'
import { type MoRef, type XmlObject, at } from '../xml/xml-tree.ts'
import { type VimArguments, writeElement, writeFields } from '../xml/write-xml.ts'
import { TransportFailure, soapFault } from './vim-fault.ts'

const prefix =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
const suffix = '</soapenv:Body></soapenv:Envelope>'

export const serviceInstance: MoRef = { moType: 'ServiceInstance', id: 'ServiceInstance' }

/** The request alone, as the body of an envelope holds it. */
export function writeRequest(method: string, self: MoRef, fields: VimArguments): string {
  const namespaces = 'xmlns="urn:vim25" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
  return `<${method} ${namespaces}>${writeElement('_this', self)}${writeFields(fields)}</${method}>`
}

export function writeEnvelope(method: string, self: MoRef, fields: VimArguments): string {
  return `${prefix}${writeRequest(method, self, fields)}${suffix}`
}

/** What stands in the body of an answer: one element. Throws a `VimFault` for a fault, a `TransportFailure` for anything else. */
export function readEnvelope(xml: string): XmlObject {
  let body: unknown
  try {
    body = at(readXml(xml), 'Envelope.Body')
  } catch {
    // The reason would tell of what stands in the text, and this may be anybody's.
    throw notSoap()
  }
  if (typeof body !== 'object' || body === null) throw notSoap()
  if ('Fault' in body) throw soapFault((body as { Fault: XmlObject }).Fault)
  return body as XmlObject
}

/** `returnval` of an answer. */
export function returnValue(body: XmlObject): unknown {
  const [answer] = Object.values(body)
  return at(answer, 'returnval')
}

function notSoap(): TransportFailure {
  return new TransportFailure('NO_SOAP', true, 'The answer is not one of a vSphere server.')
}
