/** The text is no XML that we read: broken, cut off, or with what a SOAP answer may not have. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}
